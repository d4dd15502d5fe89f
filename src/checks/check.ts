// Turns a check of the scenario into its monitor. A new word that checks is one line here.

import type { Scenario, Statement } from '../model/scenario.ts'
import { Expectation } from './expect.ts'
import { forbidden } from './forbid/index.ts'
import type { Monitor } from './monitor.ts'

/** The statement is an `expect` or a `forbid` that drew no complaint from the resolver and from `typeCheck`. */
export function compileCheck(statement: Statement, scenario: Scenario): Monitor {
  if (statement.word === 'expect') return new Expectation(statement, scenario)
  const compile = statement.word === 'forbid' ? forbidden[statement.about[0].text] : undefined
  if (compile === undefined) throw new Error(`no check is called ${statement.word} ${statement.about[0]?.text}`)
  return compile(statement, scenario)
}
