// `run`: SQL on a server in a connection of its own, statement by statement as psql does with a file; stops at an error.

import type { ActionKind } from '../action.ts'
import { split } from '../clients/pgbench/split.ts'
import { type Action, ask, type Connection, defaultKeepalive, type ServerMessage } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { databaseOf, parameter, textOf } from '../statement.ts'
import { ownEndpoint } from '../topology.ts'

export const run: ActionKind = {
  word: 'run',
  *strike(statement, stage, tell) {
    const node = textOf(parameter(statement, 'on'))!
    const statements = split(statement.script!.text).flatMap(piece => (piece.kind === 'sql' ? [piece.text] : []))
    tell.order(`run ${statements.join('; ').replaceAll(/\s+/g, ' ')}`, node)
    const opened = yield* ask({
      kind: 'connect',
      from: ownEndpoint,
      node,
      database: databaseOf(statement),
      applicationName: 'psql',
      keepalive: defaultKeepalive,
      tracksCommits: false,
    })
    if ('failure' in opened) {
      tellError(opened.failure, node, stage)
      return { missed: opened.failure.message }
    }
    return { rest: runAll(statements, opened.connection, stage) }
  },
}

function* runAll(statements: readonly string[], connection: Connection, stage: Stage): Action<boolean> {
  for (const template of statements) {
    const executed = yield* ask({ kind: 'execute', connection, query: { template, values: [] } })
    const error = executed.error ?? executed.lost
    if (!error) continue
    tellError(error, connection.node, stage)
    if (executed.lost) return false
    break
  }
  yield* ask({ kind: 'close', connection })
  return true
}

function tellError({ level, sqlstate, message }: ServerMessage, node: string, stage: Stage): void {
  const fields = { client: ownEndpoint, index: 0, level, message, ...(sqlstate ? { sqlstate } : {}) }
  stage.tell('client.error', { node }, fields)
}
