// What the engine over real servers does not play: a scenario that asks for it is told so before anything starts.

import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Scenario, Statement } from '../../model/scenario.ts'
import { textOf } from '../statement.ts'

/** By word, the reason. */
export const notPlayed = {
  volume: 'real servers have no disks of their own yet',
  fill: 'the disks of real servers are not filled yet',
  fail: 'calls of real servers are not made to fail yet',
  degrade: 'the machines and links of real servers are not made worse yet',
  corrupt: 'the files of real servers are not damaged yet',
} as const

export function diagnoseReal({ cluster, timeline }: Scenario): Diagnostic[] {
  return [...cluster, ...withBodies(timeline)].filter(isNotPlayed).map(({ word, wordSpan }) => ({
    code: 'not-modelled',
    span: wordSpan,
    message: `\`${word}\`: ${notPlayed[word as keyof typeof notPlayed]}`,
    help: 'the simulated engine plays it',
  }))
}

/** A command is made to fail where calls are not. */
function isNotPlayed({ word, about }: Statement): boolean {
  return Object.hasOwn(notPlayed, word) && !(word === 'fail' && textOf(about[0]) === 'archive_command')
}

/** Those that stand in a block as well. */
function withBodies(statements: readonly Statement[]): readonly Statement[] {
  return statements.flatMap(statement => [statement, ...withBodies(statement.body)])
}
