// A hot standby must have room for all that may run on its primary. The primary says in the WAL how much that is, each
// time it changes; a standby with less stops replaying, and starts no more. Mirrors CheckRequiredParameterValues and
// RecoveryRequiresIntParameter of xlogrecovery.c, and XLogReportParameters.

import { second } from '../../../model/units.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fatal } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import type { ControlSettings } from '../wal/control-file.ts'
import { resourceManagerInfoMask, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import { codeOf, walLevels } from '../wal/wal-level.ts'
import type { RecoveryContext } from './context.ts'
import { controlSettings } from './initdb.ts'
import type { RecoveryServices } from './services.ts'

const required = {
  max_connections: 'maxConnections',
  max_worker_processes: 'maxWorkerProcesses',
  max_wal_senders: 'maxWalSenders',
  max_prepared_transactions: 'maxPreparedTransactions',
  max_locks_per_transaction: 'maxLocksPerTransaction',
} as const satisfies Readonly<Record<string, keyof ControlSettings>>

const names = Object.keys(required) as (keyof typeof required)[]

const restartHint = 'You can then restart the server after making the necessary configuration changes.'

/** Before anybody writes: standbys are told of what has changed since pg_control was written last. */
export function* reportParameters(
  me: Process,
  environment: ServerEnvironment,
  { wal, controlFile }: RecoveryServices,
): Coroutine {
  const now = controlSettings(environment)
  const before = controlFile.data
  const sameLevel = now.walLevel === before.walLevel
  const sameNumbers = names.every(name => now[required[name]] === before[required[name]])
  if (sameLevel && sameNumbers && now.walLogHints === before.walLogHints) return
  // Nobody can follow the WAL of minimal, but whoever tries must learn that it is.
  if (!sameLevel || !wal.isMinimal) yield* wal.flush(me, logParameters(me, wal, now))
  yield* controlFile.update(me, now)
}

function logParameters(me: Process, wal: Wal, now: ControlSettings): number {
  const record = wal.begin(resourceManagers.xlog, xlogInfo.parameterChange, 0)
  for (const name of names) record.data.u32(now[required[name]])
  record.data.u32(codeOf(now.walLevel))
  record.data.u8(now.walLogHints ? 1 : 0)
  record.data.u8(0)
  record.data.u16(0)
  return wal.insert(me, record)
}

export function isParameterChange({ resourceManager, info }: WalRecord): boolean {
  return resourceManager === resourceManagers.xlog && (info & resourceManagerInfoMask) === xlogInfo.parameterChange
}

export function readParameters({ data }: WalRecord): ControlSettings {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const values = Object.fromEntries(names.map((name, index) => [required[name], view.getUint32(4 * index, true)]))
  return {
    ...(values as Omit<ControlSettings, 'walLevel' | 'walLogHints'>),
    walLevel: walLevels[view.getUint32(20, true)],
    walLogHints: view.getUint8(24) !== 0,
  }
}

/** Ends the server if it has less than pg_control asks for; one that has sessions only pauses, until somebody resumes. */
export function* checkRequiredParameters(me: Process, context: RecoveryContext): Coroutine {
  const { environment, services } = context
  const { settings } = environment
  if (services.recovery.archiveRequested && services.controlFile.data.walLevel === 'minimal') {
    const { settingName, settingChoice } = versionFacts(environment.version)
    const minimal = settingChoice('wal_level=minimal')
    fatal(
      environment.version < 16 ? 'XX000' : '55000',
      `WAL was generated with ${minimal}, cannot continue recovering`,
      {
        detail: `This happens if you temporarily set ${minimal} on the server.`,
        hint: `Use a backup taken after setting ${settingName('wal_level')} to higher than ${settingChoice('minimal')}.`,
        context: services.transactions.conflicts.context?.(),
      },
    )
  }
  if (!services.recovery.inArchiveRecovery || !settings.get('hot_standby')) return
  for (const name of names) {
    const wanted = services.controlFile.data[required[name]]
    const here = settings.get(name)
    if (here >= wanted) continue
    const detail = `${name} = ${here} is a lower setting than on the primary server, where its value was ${wanted}.`
    const redone = services.transactions.conflicts.context?.()
    if (services.recovery.hotStandbyActive) yield* pause(me, context, detail, redone)
    fatal('22023', 'recovery aborted because of insufficient parameter settings', {
      detail,
      hint: 'You can restart the server after making the necessary configuration changes.',
      context: redone,
    })
  }
}

function* pause(me: Process, context: RecoveryContext, detail: string, redone: string | undefined): Coroutine {
  const { recovery } = context.services
  const { log, trace } = context.environment
  const warn = (what: string, hint?: string) =>
    log.report(me, {
      level: 'WARNING',
      sqlstate: '22023',
      message: `${what} is not possible because of insufficient parameter settings`,
      detail,
      hint,
      context: redone,
    })
  warn('hot standby')
  recovery.setPause(true, me.cause)
  const line = log.log(me, 'recovery has paused', {
    detail: 'If recovery is unpaused, the server will shut down.',
    hint: restartHint,
    context: redone,
  })
  trace.emit('recovery.paused', me.place, {}, line || me.cause)
  let isWarned = false
  while (recovery.isPauseWanted) {
    context.checkForInterrupts()
    if (context.isPromoteRequested() && !isWarned) {
      isWarned = true
      warn('promotion', 'Restart the server after making the necessary configuration changes.')
    }
    recovery.pauseState = 'paused'
    yield* recovery.resumed.sleep(me, 'RecoveryPause', me.now() + second)
  }
}
