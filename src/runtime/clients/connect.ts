// Connecting as libpq does with a connection string of several hosts: in order, until one serves and is of the kind
// that target_session_attrs asks for.

import { type Action, ask, type Connection, defaultDatabase, type Keepalive, type ServerMessage } from '../engine.ts'

export const targetSessionAttrs = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
export type TargetSessionAttrs = (typeof targetSessionAttrs)[number]

/** Durations are nanoseconds. */
export interface ConnectionString {
  readonly hosts: readonly string[]
  readonly database: string
  readonly applicationName: string
  readonly targetSessionAttrs: TargetSessionAttrs
  /** For each host. */
  readonly connectTimeout?: number
  readonly tcpUserTimeout?: number
  readonly keepalive: Keepalive
}

export type Attempt = { readonly connection: Connection } | { readonly failure: ServerMessage }

/** Who connects, and whether the commits of the connection are tracked. */
export interface Connecting {
  readonly from: string
  readonly tracksCommits: boolean
}

export function* connect(who: Connecting, string: ConnectionString): Action<Attempt> {
  if (string.targetSessionAttrs !== 'prefer-standby') return yield* tryAll(who, string, string.targetSessionAttrs)
  const standby = yield* tryAll(who, string, 'standby')
  return 'connection' in standby ? standby : yield* tryAll(who, string, 'any')
}

/** What `client.connected` says of the database. */
export function anotherDatabase({ database }: ConnectionString): { readonly database?: string } {
  return database === defaultDatabase ? {} : { database }
}

function* tryAll(who: Connecting, string: ConnectionString, wanted: TargetSessionAttrs): Action<Attempt> {
  const failures: ServerMessage[] = []
  for (const node of string.hosts) {
    const attempt = yield* ask({
      kind: 'connect',
      ...who,
      node,
      database: string.database,
      applicationName: string.applicationName,
      keepalive: string.keepalive,
      ...(string.connectTimeout === undefined ? {} : { timeout: string.connectTimeout }),
      ...(string.tcpUserTimeout === undefined ? {} : { tcpUserTimeout: string.tcpUserTimeout }),
    })
    if ('connection' in attempt) {
      const complaint = unfit(attempt.connection, wanted)
      if (complaint === undefined) return attempt
      yield* ask({ kind: 'close', connection: attempt.connection })
      failures.push({ level: 'ERROR', message: `connection to server at "${node}" failed: ${complaint}` })
      continue
    }
    failures.push(attempt.failure)
    // A server that refuses for a reason of its own is not asked in vain: libpq goes on only if it cannot connect now.
    const { sqlstate } = attempt.failure
    if (sqlstate !== undefined && sqlstate !== '57P03') break
  }
  if (failures.length === 1) return { failure: failures[0] }
  return { failure: { level: 'ERROR', message: failures.map(failure => failure.message).join('\n') } }
}

function unfit(connection: Connection, wanted: TargetSessionAttrs): string | undefined {
  const readOnly = connection.inHotStandby || connection.defaultTransactionReadOnly
  if (wanted === 'read-write' && readOnly) return 'session is read-only'
  if (wanted === 'read-only' && !readOnly) return 'session is not read-only'
  if (wanted === 'primary' && connection.inHotStandby) return 'server is in hot standby mode'
  if (wanted === 'standby' && !connection.inHotStandby) return 'server is not in hot standby mode'
  return undefined
}
