// Runs a query for an observer: with a snapshot of its own, outside of any process of the server. It takes no time,
// has no backend and no xid, writes no log line, and draws nothing from the run's chance. What it reads stays in the
// buffer pool as it was; only hint bits may be set earlier than they would have been.

import type { ProbeAnswer, Scalar } from '../../engine.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { Random } from '../kernel/random.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Host } from '../machine/host.ts'
import { Memory } from '../machine/memory.ts'
import { Process } from '../machine/process.ts'
import type { Server } from '../server.ts'
import { SessionSettings } from '../settings/session-settings.ts'
import { PostgresError } from '../shared/error.ts'
import { Proc } from '../shared/proc.ts'
import type { BackendMessage } from '../shared/protocol.ts'
import { Session } from '../sql/session.ts'

/** A query that waits so often waits for something that time alone will not bring. */
const mostWaits = 100_000

/** The first column of the first row. */
export function observe(server: Server, database: string, sql: string): ProbeAnswer {
  if (server.accepting === 'nothing') return { failure: `${server.environment.name} does not accept connections` }
  const found = server.shared.databases.byName(database)
  if (!found) return { failure: `FATAL: database "${database}" does not exist` }
  const me = new Observer(apart(server.environment.host))
  const settings = new SessionSettings(server.environment.settings, true)
  const proc = new Proc(me, { backendId: 0, backendType: 'observer', settings })
  proc.database = database
  proc.databaseId = found.oid
  proc.databaseTablespace = found.tablespace
  proc.role = 'postgres'
  proc.isSuperuser = true
  let value: Scalar | undefined
  const session = new Session(server, me, proc, message => {
    value ??= firstValue(message)
  })
  try {
    if (!finish(session.simpleQuery({ template: sql, values: [] }))) return { failure: 'the query waits for a lock' }
    return { value: value ?? null }
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    return { failure: `${error.level}: ${error.message}` }
  } finally {
    finish(session.close())
  }
}

function firstValue(message: BackendMessage): Scalar | undefined {
  return message.kind === 'rows' ? message.rows[0]?.[0] : undefined
}

/** Waits are skipped: what an observer waits for is the disk, and it sees what is on it at once. */
function finish(coroutine: Coroutine): boolean {
  for (let waits = 0; waits < mostWaits; waits++) if (coroutine.next().done) return true
  return false
}

/** The host, with a clock and chance that can be used without moving the run's, and memory that nobody counts. */
function apart(host: Host): Host {
  const kernel: Kernel = Object.create(host.kernel, { random: { value: new Random(0) }, look: { value: undefined } })
  return Object.create(host, { kernel: { value: kernel }, memory: { value: new Memory(kernel) } })
}

/** A process that no time passes for. */
class Observer extends Process {
  constructor(host: Host) {
    super(host, 0, 'observer', undefined, function* () {})
  }

  override charge(): void {}

  override *pause(): Coroutine {}

  override *sleep(): Coroutine {}
}
