// The invariants that `forbid` switches on. A new one is one file and one line here.

import type { Scenario, Statement } from '../../model/scenario.ts'
import type { Monitor } from '../monitor.ts'
import { LostCommits } from './lost-commits.ts'
import { ReplicaDivergence } from './replica-divergence.ts'

export const forbidden: Readonly<Record<string, (statement: Statement, scenario: Scenario) => Monitor>> = {
  lost_commits: (statement, scenario) => new LostCommits(statement, scenario),
  replica_divergence: statement => new ReplicaDivergence(statement),
}
