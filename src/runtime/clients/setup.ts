// The setups: what is done on a server before the clock starts. Statement by statement, as psql does with a file.

import type { Script, Statement } from '../../model/scenario.ts'
import { type Action, ask, defaultKeepalive, type SetupFailure } from '../engine.ts'
import { databaseOf, numberOf, parameter, setting, textOf } from '../statement.ts'
import { initialisation } from './pgbench/initialise.ts'
import { sourceOffset } from './pgbench/script.ts'
import { split } from './pgbench/split.ts'

/** The name that the server sees. */
const applicationName = 'psql'

export function setupAction(statement: Statement): () => Action<SetupFailure | undefined> {
  const node = textOf(parameter(statement, 'on'))!
  const script = statement.script
  const text = script?.text ?? initialisation(numberOf(setting(statement, 'scale')) ?? 1)
  return function* () {
    const opened = yield* ask({
      kind: 'connect',
      from: applicationName,
      node,
      database: databaseOf(statement),
      applicationName,
      keepalive: defaultKeepalive,
      tracksCommits: false,
    })
    if ('failure' in opened) return { message: opened.failure, at: statement.span }
    const { connection } = opened
    for (const piece of split(text)) {
      if (piece.kind === 'meta') continue
      const done = yield* ask({ kind: 'execute', connection, query: { template: piece.text, values: [] } })
      const message = done.error ?? done.lost
      if (message) return { message, at: script ? placeOf(script, piece, message.position) : statement.span }
    }
    yield* ask({ kind: 'close', connection })
    return undefined
  }
}

/** Where in the source the server's complaint points: at its position, or at the whole statement. */
function placeOf(
  script: Script,
  piece: { readonly text: string; readonly start: number; readonly end: number },
  position: number | undefined,
): { readonly start: number; readonly end: number } {
  if (position === undefined) return { start: sourceOffset(script, piece.start), end: sourceOffset(script, piece.end) }
  // Servers count code points, spans count UTF-16 units.
  const before = [...piece.text].slice(0, position - 1).join('').length
  const word = /^\w+|^./s.exec(piece.text.slice(before))?.[0].length ?? 1
  return {
    start: sourceOffset(script, piece.start + before),
    end: sourceOffset(script, Math.min(piece.end, piece.start + before + word)),
  }
}
