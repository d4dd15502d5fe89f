// `receive`: a program reads a logical slot over the replication protocol, line after line, and is done when it has read
// as far as it was to, or is interrupted. It does not try again: that its stream broke off fails the statement.

import type { ActionKind } from '../action.ts'
import { type Action, ask, defaultKeepalive, type Receiver } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { databaseOf, numberOf, parameter, setting, textOf } from '../statement.ts'
import { ownEndpoint } from '../topology.ts'

interface Reading {
  readonly slot: string
  readonly node: string
  readonly database: string
  readonly options: readonly string[]
  readonly create?: string
  /** SQL that gives the LSN at which it ends. */
  readonly end?: string
  /** Nanoseconds until it is interrupted. */
  readonly lasts?: number
}

export const receive: ActionKind = {
  word: 'receive',
  *strike(statement, stage, tell) {
    const slot = textOf(statement.about[0])!
    const node = textOf(parameter(statement, 'from'))!
    const create = textOf(setting(statement, 'create'))
    const lasts = numberOf(parameter(statement, 'for'))
    const cause = tell.order(`receive ${slot} from ${node}`, node)
    const reading: Reading = {
      slot,
      node,
      database: databaseOf(statement),
      options: (statement.parameters.with ?? []).map(({ text }) => text),
      ...(create === undefined ? {} : { create }),
      ...(statement.script === undefined ? {} : { end: statement.script.text }),
      ...(lasts === undefined ? {} : { lasts }),
    }
    return { rest: read(reading, stage, cause) }
  },
}

function* read(reading: Reading, stage: Stage, cause: number): Action<true | string> {
  const { slot, node, database, options, create, end, lasts } = reading
  const until = lasts === undefined ? undefined : stage.now() + lasts
  const found = end === undefined ? undefined : yield* endOf(reading, end)
  if (found && 'failure' in found) return found.failure
  const opened = yield* ask({
    kind: 'receive',
    from: ownEndpoint,
    node,
    database,
    slot,
    options,
    cause,
    ...(create === undefined ? {} : { create }),
    ...(found === undefined ? {} : { end: found.lsn }),
  })
  if ('receiver' in opened) return yield* readLines(opened.receiver, slot, stage, until)
  const { refused, skipped } = opened
  if (skipped !== undefined)
    stage.tell('action.skipped', { node }, { text: `receive ${slot} from ${node}`, reason: skipped })
  return skipped ?? refused ?? true
}

function* readLines(receiver: Receiver, slot: string, stage: Stage, until: number | undefined): Action<true | string> {
  for (;;) {
    const next = yield* ask({ kind: 'received', receiver, ...(until === undefined ? {} : { until }) })
    if ('ended' in next) return next.complaint ?? true
    const { line: data, lsn } = next
    stage.tell('change.received', { node: receiver.node }, { slot, data, ...(lsn === undefined ? {} : { lsn }) })
  }
}

function* endOf(
  { node, database }: Reading,
  template: string,
): Action<{ readonly lsn: string } | { readonly failure: string }> {
  const opened = yield* ask({
    kind: 'connect',
    from: ownEndpoint,
    node,
    database,
    applicationName: 'psql',
    keepalive: defaultKeepalive,
    tracksCommits: false,
  })
  if ('failure' in opened) return { failure: opened.failure.message }
  const { connection } = opened
  const { results, error, lost } = yield* ask({ kind: 'execute', connection, query: { template, values: [] } })
  if (lost) return { failure: lost.message }
  yield* ask({ kind: 'close', connection })
  if (error) return { failure: error.message }
  const lsn = results.at(-1)?.rows[0]?.[0]
  if (lsn === undefined || lsn === null) return { failure: 'the SQL gave no LSN' }
  return /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i.test(lsn) ? { lsn } : { failure: `could not parse end position "${lsn}"` }
}
