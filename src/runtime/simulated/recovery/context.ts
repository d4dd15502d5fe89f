// What recovery needs of the process that runs it and of the server around it.

import type { Coroutine } from '../kernel/task.ts'
import type { CommandRun } from '../machine/shell.ts'
import type { ExitStatus } from '../machine/signals.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import type { RecoveryServices } from './services.ts'

export interface RecoveryContext {
  readonly environment: ServerEnvironment
  readonly services: RecoveryServices
  /** Tells the postmaster. */
  readonly signalPostmaster: (reason: 'recovery started' | 'begin hot standby' | 'start walreceiver') => void
  /** The postmaster knew that the data was consistent before it forked this process. */
  readonly wasConsistent: boolean
  /** Runs a command of the shell; a SIGTERM ends it. */
  readonly run: (command: string, what: Omit<CommandRun, 'interruptedBy'>) => Coroutine<ExitStatus>
  /** What ps shows behind "startup". */
  readonly show: (activity: string) => void
  /** Leaves if the process was told to end; reads the settings again if it was told so. */
  readonly checkForInterrupts: () => void
  /** Whether a promotion was asked for, since the last call; the first true one is logged. */
  readonly isPromoteRequested: () => boolean
  /** primary_conninfo has changed since the last call: the stream must be asked for again. */
  readonly takeStreamRestart: () => boolean
}
