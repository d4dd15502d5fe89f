// How a session begins: the startup packet, who may come in, how many. Mirrors ProcessStartupPacket,
// PerformAuthentication and InitPostgres.

import { microsecond } from '../../../../model/units.ts'
import { bootstrapRole } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import type { Admission, Server } from '../../server.ts'
import { SessionSettings } from '../../settings/session-settings.ts'
import { fatal } from '../../shared/error.ts'
import { clientPort } from '../../shared/logging/client-address.ts'
import type { Proc } from '../../shared/proc.ts'
import { settleIn } from '../../shared/process-memory.ts'
import type { FrontendMessage } from '../../shared/protocol.ts'
import { versionFacts } from '../../shared/versions.ts'
import { writeRelationCacheFiles } from '../../storage/relation-cache-files.ts'
import { enterDatabase } from './enter-database.ts'

export type StartupPacket = Extract<FrontendMessage, { kind: 'startup' }>

/** From fork to the first look at the socket. */
const forkedCost = 350 * microsecond
/** Reading pg_hba.conf, shared memory, the role and the database. */
const authenticationCost = 750 * microsecond
/** Caches of the catalogs, and the rest until the session is ready. */
const initialisationCost = 900 * microsecond

/** Gives the startup packet, or undefined when there is nothing more to do. */
export function* readStartupPacket(
  me: Process,
  server: Server,
  client: Socket,
  admission: Admission,
): Coroutine<StartupPacket | undefined> {
  const { settings, log } = server.environment
  me.charge(forkedCost)
  yield* me.pause()
  if (logsConnections(server, 'receipt')) log.log(me, `connection received: ${address(me, client)}`)
  const message = yield* firstMessage(me, client, me.now() + settings.get('authentication_timeout'))
  if (message?.kind === 'cancel') {
    cancel(server, message.pid, message.key, me)
    return undefined
  }
  if (message?.kind !== 'startup') return undefined
  if (admission.refusal) {
    const { sqlstate, message: text, detail } = admission.refusal
    fatal(sqlstate, text, detail === undefined ? {} : { detail })
  }
  return message
}

function* firstMessage(me: Process, client: Socket, until: number): Coroutine<FrontendMessage | undefined> {
  for (;;) {
    const message = client.take()
    if (message) return message as FrontendMessage
    if (client.ending) return undefined
    if (me.now() >= until) me.exit(1)
    yield* me.waitLatch({ until, waitEvent: 'ClientRead' })
    me.latch.reset()
    yield* me.pause()
  }
}

function cancel({ shared, environment }: Server, pid: number, key: number, me: Process): void {
  const proc = shared.procArray.byPid(pid)
  if (proc?.cancelKey !== key) {
    environment.log.log(me, `wrong key in cancel request for process ${pid}`)
    return
  }
  proc.process.signal('INT', me.cause)
}

/** A place in shared memory, unless all are taken. */
export function* initialise(me: Process, server: Server, client: Socket, packet: StartupPacket): Coroutine<Proc> {
  const { shared, environment } = server
  const { settings, log, version } = environment
  const isWalSender = packet.replication !== undefined
  const same = shared.procArray.procs.filter(proc => proc.backendType === backendType(isWalSender)).length
  if (isWalSender && same >= settings.get('max_wal_senders')) {
    const limit = settings.get('max_wal_senders')
    const setting = versionFacts(version).settingName('max_wal_senders')
    fatal('53300', `number of requested standby connections exceeds ${setting} (currently ${limit})`)
  }
  if (!isWalSender && same >= settings.get('max_connections')) fatal('53300', 'sorry, too many clients already')
  const isSuperuser = packet.user === 'postgres'
  const session = new SessionSettings(settings, isSuperuser)
  const proc = shared.procArray.add(me, backendType(isWalSender), session)
  me.atExit(() => shared.procArray.remove(proc))
  proc.role = packet.user
  proc.isSuperuser = isSuperuser
  if (isSuperuser) proc.roleId = bootstrapRole
  if (packet.replication !== 'physical') proc.database = packet.database
  me.charge(authenticationCost)
  yield* me.pause()
  if (isWalSender) me.become('walsender')
  if (versionFacts(version).logsTrust && logsConnections(server, 'authentication')) {
    const file = `${server.dataDirectory}/pg_hba.conf`
    log.log(me, `connection authenticated: user="${packet.user}" method=trust (${file}:1)`)
  }
  if (logsConnections(server, 'authorization')) {
    const application = packet.applicationName === '' ? '' : ` application_name=${packet.applicationName}`
    log.log(
      me,
      isWalSender
        ? `replication connection authorized: user=${packet.user}${application}`
        : `connection authorized: user=${packet.user} database=${packet.database}${application}`,
    )
  }
  if (!isWalSender) refuseReserved(server, proc, same)
  const folder = packet.replication === 'physical' ? undefined : yield* enterDatabase(server, proc, packet.database)
  applyOptions(session, packet)
  logDisconnection(me, server, client, proc)
  settleIn(me, shared.segment, 'backend')
  if (!isWalSender) writeRelationCacheFiles(me, environment, folder)
  me.charge(initialisationCost)
  yield* me.pause()
  return proc
}

function backendType(isWalSender: boolean): string {
  return isWalSender ? 'walsender' : 'client backend'
}

/** The last slots are for superusers, and before them some for roles that an administrator named. */
function refuseReserved({ environment }: Server, proc: Proc, others: number): void {
  if (proc.isSuperuser) return
  const { settings, version } = environment
  const free = settings.get('max_connections') - others - 1
  const forSuperusers = settings.get('superuser_reserved_connections')
  if (free < forSuperusers) fatal('53300', versionFacts(version).reservedForSuperusers)
  if (version >= 16 && free < forSuperusers + settings.get('reserved_connections')) {
    fatal(
      '53300',
      'remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
    )
  }
}

function applyOptions(session: SessionSettings, packet: StartupPacket): void {
  const options = { application_name: packet.applicationName, ...packet.options }
  for (const [name, text] of Object.entries(options)) {
    const refusal = session.setAtStart(name, text)
    if (refusal) fatal(refusal.sqlstate, refusal.message, { detail: refusal.detail, hint: refusal.hint })
  }
}

function logDisconnection(me: Process, server: Server, client: Socket, proc: Proc): void {
  me.atExit(() => {
    if (!server.environment.settings.get('log_disconnections')) return
    const time = sessionTime(me.now() - proc.startedAt)
    const who = `user=${proc.role} database=${proc.database} ${address(me, client)}`
    server.environment.log.log(me, `disconnection: session time: ${time} ${who}`)
  })
}

/** 0:00:01.115 */
function sessionTime(nanoseconds: number): string {
  const milliseconds = Math.floor(nanoseconds / 1_000_000)
  const seconds = Math.floor(milliseconds / 1000)
  const two = (number: number) => String(number).padStart(2, '0')
  const fraction = String(milliseconds % 1000).padStart(3, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`
}

/** Until 17 log_connections is a boolean; 18 names what is told, and `on` means these three. */
function logsConnections({ environment: { settings } }: Server, aspect: string): boolean {
  const value: boolean | string = settings.get('log_connections')
  if (typeof value === 'boolean') return value
  const words = value.split(',').map(word => word.trim().toLowerCase())
  return ['on', 'all', 'true', 'yes', '1', aspect].some(word => words.includes(word))
}

/** The client's end as the log names it: an endpoint's name stands for its address. */
export function address(me: Process, client: Socket): string {
  return `host=${client.to} port=${clientPort(me.pid)}`
}

/** The same as ps shows it. */
export function clientAddress(me: Process, client: Socket): string {
  return `${client.to}(${clientPort(me.pid)})`
}
