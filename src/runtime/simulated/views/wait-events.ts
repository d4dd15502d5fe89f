// What pg_stat_activity calls that which a process waits for: its class and its name. Processes name their waits as 15
// does; 17 spells some of them otherwise, because it makes all names by one rule.

const lockEvents =
  /^(relation|extend|frozenid|page|tuple|transactionid|virtualxid|spectoken|object|userlock|advisory|applytransaction)$/
const timeoutEvents =
  /^(PgSleep|CheckpointWriteDelay|RecoveryApplyDelay|VacuumDelay|BaseBackupThrottle|RecoveryRetrieveRetryInterval|RegisterSyncRequest|SpinDelay|VacuumTruncate|WalSummarizerError)$/
const clientEvents =
  /^(Client|WalSenderWaitForWAL|WalSenderWriteData|LibPQWalReceiver|SSLOpenServer|GSSOpenServer|WaitForStandbyConf)/
const ioEvents = /(Read|Write|Sync|Extend|Flush|Truncate|Immediate|SyncUpdate|WriteUpdate)$/
const activityEvents = /Main$|^RecoveryWalStream$|Hibernate$|^WalSummarizerWal$|^CheckpointerShutdown$/
const lightweightLocks = /^[A-Z]\w*Lock$/

/** Naps that PostgreSQL takes without telling what they are. */
const silent = new Set(['CommitDelay', 'CheckpointerError', 'BgWriterError', 'WalSenderStopping', 'Flag'])

const respelled: Readonly<Record<string, string>> = {
  AutoVacuumMain: 'AutovacuumMain',
  BgWorkerShutdown: 'BgworkerShutdown',
  BgWorkerStartup: 'BgworkerStartup',
  BgWriterMain: 'BgwriterMain',
  BgWriterHibernate: 'BgwriterHibernate',
  BufferIO: 'BufferIo',
  LibPQWalReceiverConnect: 'LibpqwalreceiverConnect',
  LibPQWalReceiverReceive: 'LibpqwalreceiverReceive',
  SysLoggerMain: 'SysloggerMain',
  WalSenderWaitForWAL: 'WalSenderWaitForWal',
}

function typeOf(event: string): string {
  if (lockEvents.test(event)) return 'Lock'
  if (lightweightLocks.test(event)) return 'LWLock'
  if (clientEvents.test(event)) return 'Client'
  if (activityEvents.test(event)) return 'Activity'
  if (timeoutEvents.test(event)) return 'Timeout'
  if (event === 'BufferPin') return event
  return ioEvents.test(event) ? 'IO' : 'IPC'
}

/** wait_event_type and wait_event of a process that waits for `event`; undefined: nothing is shown. */
export function shownWaitEvent(
  event: string | undefined,
  version: 15 | 16 | 17 | 18,
): { readonly type: string; readonly name: string } | undefined {
  if (event === undefined || silent.has(event)) return undefined
  if (event === 'CheckpointDelayStart' && version < 17) return undefined
  const type = typeOf(event)
  if (type === 'LWLock') return { type, name: event.replace(/Lock$/, '') }
  if (version < 17) return { type, name: event }
  return { type, name: respelled[event] ?? event.replace(/^WAL(?=[A-Z])/, 'Wal').replace(/^SLRU(?=[A-Z])/, 'Slru') }
}
