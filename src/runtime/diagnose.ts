// What the runtime finds wrong with a scenario that the language found right: its SQL and pgbench scripts, what the
// engine does not play, and runs that could never end.

import type { Diagnostic } from '../model/diagnostic.ts'
import type { Scenario, Script } from '../model/scenario.ts'
import { compileScript, sourceOffset } from './clients/pgbench/script.ts'
import { split } from './clients/pgbench/split.ts'
import { withPlaceholders } from './clients/pgbench/template.ts'
import type { EngineKind } from './engine.ts'
import { diagnoseFaults } from './faults/diagnose.ts'
import { checkSql as problemsOf, type SqlProblem } from './simulated/sql/check.ts'
import { loadParser } from './simulated/sql/parser.ts'
import { parameter, setting, textOf } from './statement.ts'

/** Loads PostgreSQL's grammar: await it before anything is checked or played. */
export const prepareSql: () => Promise<void> = loadParser

export function diagnose(scenario: Scenario, engine: EngineKind): Diagnostic[] {
  return [...endless(scenario), ...diagnoseFaults(scenario), ...engine.diagnose(scenario)]
}

export function checkSql(script: Script, postgres: number): readonly Diagnostic[] {
  return problemsOf(script.text, postgres).map(problem => diagnosticOf(problem, script, 0))
}

export function checkPgbench(script: Script, postgres: number): readonly Diagnostic[] {
  const sql = split(script.text).flatMap(piece => {
    if (piece.kind === 'meta') return []
    const { text, places } = withPlaceholders(piece.text)
    // What a variable stands for in a name is known only when the script runs.
    return problemsOf(text, postgres)
      .filter(({ position }) => !places.some(place => place.start <= position && position <= place.end))
      .map(problem => diagnosticOf(problem, script, piece.start))
  })
  return [...compileScript(script).diagnostics, ...sql]
}

function diagnosticOf({ message, position, help }: SqlProblem, script: Script, offset: number): Diagnostic {
  const word = /^\w+|^./s.exec(script.text.slice(offset + position))?.[0].length ?? 0
  const start = sourceOffset(script, offset + position)
  return { code: 'sql', span: { start, end: start + word }, message, ...(help ? { help } : {}) }
}

/** Clients without an end of their own, in a scenario without one. */
function endless(scenario: Scenario): Diagnostic[] {
  if (scenario.ends) return []
  return scenario.clients
    .filter(({ word }) => word === 'client')
    .filter(client => !setting(client, 'transactions') && !parameter(client, 'to'))
    .slice(0, 1)
    .map(client => ({
      code: 'missing',
      span: client.wordSpan,
      message: `client ${textOf(client.about[0])} runs for ever, and nothing says when the run ends`,
      help: 'add a line like `ends 10s`, or give the client `transactions = 1000` or `to 10s`',
    }))
}
