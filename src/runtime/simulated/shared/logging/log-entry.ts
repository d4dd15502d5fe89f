// One message of the server log, and who logs it: what every format of the log is made of.

import type { Process } from '../../machine/process.ts'
import type { Proc } from '../proc.ts'

export interface LogMessage {
  readonly level: string
  readonly sqlstate?: string
  readonly message: string
  /** In the statement, in code points from 1. */
  readonly position?: number
  readonly detail?: string
  readonly hint?: string
  readonly context?: string
  /** The statement that was running, where it is to be shown. */
  readonly statement?: string
}

/** Who logs: a process, its place in shared memory if it has one, and its client if it serves one. */
export interface LogSource {
  readonly process: Process
  readonly proc: Proc | undefined
  /** Missing for processes without a client. */
  readonly client: { readonly host: string; readonly port: number } | undefined
}

/** What is the same in all formats. */
export interface LogEntry extends LogMessage {
  /** SUCCESSFUL_COMPLETION, WARNING or INTERNAL_ERROR, where the message has none of its own. */
  readonly sqlstate: string
  readonly hasSqlstate: boolean
  /** Nanoseconds since the start of the run. */
  readonly at: number
  readonly startedAt: number
  readonly pid: number
  readonly backendType: string
  /** Of a parallel worker. */
  readonly leader?: number | undefined
  /** Missing for processes without a client. */
  readonly session:
    | {
        readonly user: string
        readonly database: string
        readonly host: string
        readonly port: number
        /** What ps shows behind what never changes of it. */
        readonly activity: string
      }
    | undefined
  readonly applicationName: string
  /** Empty where there is none. */
  readonly virtualTransaction: string
  readonly transaction: number
}

const backendTypes: Readonly<Record<string, string>> = { bgwriter: 'background writer' }

export function logEntry(message: LogMessage, { process, proc, client }: LogSource): LogEntry {
  // A parallel worker has the transaction and the settings of a session, and no client.
  const inSession = client !== undefined || proc?.leader !== undefined
  return {
    ...message,
    sqlstate: message.sqlstate ?? sqlstateOf(message.level),
    hasSqlstate: message.sqlstate !== undefined || sqlstateOf(message.level) !== '00000',
    at: process.now(),
    startedAt: process.startedAt,
    pid: process.pid,
    backendType: backendTypeOf(process.type, proc),
    leader: proc?.leader?.pid,
    session: client && {
      ...client,
      user: proc?.role ?? '',
      database: proc?.database ?? '',
      activity: /\(\d+\) (.*)$/s.exec(process.title)?.[1] ?? '',
    },
    applicationName: proc && inSession ? proc.applicationName : '',
    // Who is on the way out has left shared memory.
    virtualTransaction: proc && inSession && process.alive ? `${proc.backendId}/${proc.localTransactionId}` : '',
    transaction: proc && process.alive ? proc.xid : 0,
  }
}

function sqlstateOf(level: string): string {
  if (level === 'WARNING') return '01000'
  return level === 'ERROR' || level === 'FATAL' || level === 'PANIC' ? 'XX000' : '00000'
}

function backendTypeOf(type: string, proc: Proc | undefined): string {
  if (type === 'backend') return proc?.backendType ?? 'not initialized'
  return backendTypes[type] ?? type
}
