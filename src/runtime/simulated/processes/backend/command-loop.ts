// Takes the client's messages one after the other and answers each with ReadyForQuery at its end. Mirrors the main loop
// of PostgresMain: an ERROR aborts the statement and the loop goes on, a FATAL one leaves it.

import { millisecond } from '../../../../model/units.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import type { Server } from '../../server.ts'
import { fatal, PostgresError } from '../../shared/error.ts'
import type { Proc } from '../../shared/proc.ts'
import type { FrontendMessage } from '../../shared/protocol.ts'
import { versionFacts } from '../../shared/versions.ts'
import { queryText, Session } from '../../sql/session.ts'
import { idleInterval } from '../../statistics/pending-statistics.ts'
import { titleOf } from '../auxiliary.ts'
import { type Interrupts, showActivity } from './interrupts.ts'
import { reportError, send } from './report.ts'
import { clientAddress } from './start-up.ts'

export interface SessionContext {
  readonly me: Process
  readonly server: Server
  readonly client: Socket
  readonly proc: Proc
  readonly interrupts: Interrupts
}

type Command = Extract<FrontendMessage, { kind: 'query' | 'parse' | 'execute' }>

export function* commandLoop(context: SessionContext): Coroutine {
  const { me, server, client, proc, interrupts } = context
  const session = new Session(server, me, proc, message => {
    if (!proc.outputIsOff) send(client, message)
  })
  const armStatementTimeout = () => interrupts.arm('statement', proc.settings.get('statement_timeout'))
  session.nextStatement = armStatementTimeout
  interrupts.transaction = session.transaction
  const prepared = new Map<string, string>()
  const show = titleSetter(context)
  const words = new Map<string, string>()
  const commandWordOf = (message: Command): string => {
    const text = message.kind === 'execute' ? (prepared.get(message.name) ?? '') : message.template
    let word = words.get(text)
    if (word === undefined) {
      if (words.size > 1000) words.clear()
      word = commandWord(text)
      words.set(text, word)
    }
    return word
  }
  session.transaction.statistics.connected(me.now())
  me.atExit(() => session.transaction.statistics.report(me.now(), true))
  greet(context)
  for (;;) {
    if (proc.notifyPending) yield* deliverNotifications(session, show)
    send(client, readyForQuery(session))
    const message = yield* readCommandOrEnd(context, session, show)
    if (message === undefined || message.kind === 'terminate') break
    if (message.kind !== 'query' && message.kind !== 'parse' && message.kind !== 'execute') {
      fatal('08P01', `invalid frontend message type: ${message.kind}`)
    }
    proc.sessionSettings!.refresh()
    if (message.kind === 'parse') prepared.set(message.name, message.template)
    const text = textOf(message, prepared)
    const startedAt = me.now()
    showActivity(proc, startedAt, 'active', text)
    show(commandWordOf(message))
    interrupts.forgetCancel()
    interrupts.inStatement = true
    armStatementTimeout()
    // Before 17 there is no such setting.
    if (session.transactionStatus === 'I') interrupts.arm('transaction', proc.settings.get('transaction_timeout') ?? 0)
    logStatement(context, text)
    if (me.isHeldUp) yield* me.standStill()
    try {
      yield* run(session, message)
      while (me.mustYield()) yield
      logDuration(context, text, me.now() - startedAt)
      if (me.isHeldUp) yield* me.standStill()
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error
      if (error.level !== 'ERROR') yield* endSession(context, session, error, text)
      interrupts.disarm('statement')
      reportError(me, server, client, error, text)
      yield* session.recover()
    }
    interrupts.disarm('statement')
    interrupts.inStatement = false
    if (session.transactionStatus === 'I') interrupts.disarm('transaction')
  }
  yield* session.close()
}

function* run(session: Session, message: Command): Coroutine {
  if (message.kind === 'query') yield* session.simpleQuery(message)
  else if (message.kind === 'parse') session.parse(message.name, message.template)
  else yield* session.execute(message.name, message.values)
}

/**
 * FATAL: it is told with the statement, what was open is rolled back, and the session is over. A session that gave up
 * waiting for a standby because it was to end has finished its statement: its FATAL goes to the log alone, without it.
 */
function* endSession(
  { me, server, client, proc }: SessionContext,
  session: Session,
  error: PostgresError,
  text?: string,
): Coroutine<never> {
  if (proc.outputIsOff) reportError(me, server, undefined, error)
  else reportError(me, server, client, error, text)
  if (error.level === 'PANIC') {
    me.signal('ABRT')
    yield
  }
  yield* session.close()
  return me.exit(1)
}

function greet({ server, client, proc, me }: SessionContext): void {
  const { environment } = server
  proc.cancelKey = environment.kernel.random.integer(1, 2_147_483_647)
  send(client, {
    kind: 'authenticated',
    pid: me.pid,
    key: proc.cancelKey,
    parameters: {
      in_hot_standby: server.accepting === 'reads' ? 'on' : 'off',
      default_transaction_read_only: proc.settings.get('default_transaction_read_only') ? 'on' : 'off',
      server_version: versionFacts(environment.version).release,
      application_name: proc.applicationName,
    },
    size: 380,
  })
}

function readyForQuery(session: Session): Parameters<typeof send>[1] {
  const committed = session.takeCommitted()
  return { kind: 'ready', status: session.transactionStatus, committed, size: 6 }
}

function* readCommandOrEnd(
  context: SessionContext,
  session: Session,
  show: (activity: string) => void,
): Coroutine<FrontendMessage | undefined> {
  try {
    return yield* readCommand(context, session, show)
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    return yield* endSession(context, session, error)
  }
}

/** Waits for the client. undefined: it is gone. */
function* readCommand(
  context: SessionContext,
  session: Session,
  show: (activity: string) => void,
): Coroutine<FrontendMessage | undefined> {
  const { me, client, proc, interrupts } = context
  const status = session.transactionStatus
  const state = status === 'I' ? 'idle' : status === 'T' ? 'idle in transaction' : 'idle in transaction (aborted)'
  showActivity(proc, me.now(), state)
  show(state)
  if (status === 'I') reportStatistics(context, session)
  const timeout = status === 'I' ? 'idle session' : 'idle in transaction'
  interrupts.arm(
    timeout,
    proc.settings.get(status === 'I' ? 'idle_session_timeout' : 'idle_in_transaction_session_timeout'),
  )
  // An idle backend tells its client before it goes with the postmaster.
  me.leavesWithParent = false
  let message = client.take()
  while (message === undefined && client.ending === undefined) {
    yield* me.waitLatch({ waitEvent: 'ClientRead' })
    me.latch.reset()
    while (me.mustYield()) yield
    if (proc.notifyPending) {
      yield* deliverNotifications(session, show)
      show(state)
    }
    if (status === 'I' && interrupts.takeFired('idle statistics')) session.transaction.statistics.report(me.now(), true)
    if (!me.parent?.alive) fatal('57P01', 'terminating connection due to unexpected postmaster exit')
    message = client.take()
  }
  me.leavesWithParent = true
  interrupts.disarm(timeout)
  if (message === undefined) reportLostClient(context, status)
  return message as FrontendMessage | undefined
}

/** Within a transaction they wait for its end. */
function* deliverNotifications(session: Session, show: (activity: string) => void): Coroutine {
  if (session.transactionStatus !== 'I') return
  show('notify interrupt')
  yield* session.deliverNotifications()
}

/** What is too early to be told now is told when the session has stayed idle for a while. */
function reportStatistics({ me, interrupts }: SessionContext, session: Session): void {
  const isLate = interrupts.takeFired('idle statistics')
  if (session.transaction.statistics.report(me.now(), isLate)) interrupts.disarm('idle statistics')
  else if (!interrupts.isArmed('idle statistics')) interrupts.arm('idle statistics', idleInterval)
}

function reportLostClient({ me, server, client }: SessionContext, status: 'I' | 'T' | 'E'): void {
  const { log } = server.environment
  if (client.ending === 'reset' || client.ending === 'timed out') {
    const reason = client.ending === 'reset' ? 'Connection reset by peer' : 'Connection timed out'
    log.log(me, `could not receive data from client: ${reason}`, { sqlstate: '08006' })
  }
  if (status !== 'I') {
    log.log(me, 'unexpected EOF on client connection with an open transaction', { sqlstate: '08006' })
  }
}

/** Sets the title behind what never changes of it: who the session is, and where its client is. */
function titleSetter({ me, server, client, proc }: SessionContext): (activity: string) => void {
  const who = titleOf(server, `${proc.role} ${proc.database} ${clientAddress(me, client)}`)
  return activity => me.setTitle(who + activity)
}

function textOf(message: Command, prepared: ReadonlyMap<string, string>): string {
  if (message.kind === 'query') return queryText(message)
  if (message.kind === 'parse') return message.template
  return prepared.get(message.name) ?? ''
}

/** What ps shows: the command's first word, or two. */
function commandWord(text: string): string {
  const words = text
    .trim()
    .toUpperCase()
    .split(/[\s;(]+/)
  return /^(CREATE|DROP|ALTER|TRUNCATE|REFRESH)$/.test(words[0]) && words[1] ? `${words[0]} ${words[1]}` : words[0]
}

function logStatement({ me, server, proc }: SessionContext, text: string): void {
  const level = proc.settings.get('log_statement')
  if (level === 'none') return
  const word = commandWord(text)
  const isDdl = /^(CREATE|DROP|ALTER|TRUNCATE|COMMENT|GRANT|REVOKE|REINDEX|REFRESH)/.test(word)
  const isMod = /^(INSERT|UPDATE|DELETE|MERGE|COPY)/.test(word)
  if (level === 'all' || isDdl || (level === 'mod' && isMod)) {
    server.environment.log.log(me, `statement: ${text}`)
  }
}

function logDuration({ me, server, proc }: SessionContext, text: string, duration: number): void {
  const minimum = proc.settings.get('log_min_duration_statement')
  const isLong = minimum >= 0 && duration >= minimum
  if (!isLong && !proc.settings.get('log_duration')) return
  const milliseconds = (duration / millisecond).toFixed(3)
  server.environment.log.log(me, `duration: ${milliseconds} ms${isLong ? `  statement: ${text}` : ''}`)
}
