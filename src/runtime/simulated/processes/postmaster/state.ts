// What the postmaster knows of its server's state. Mirrors pmState, Shutdown, FatalError and StartupStatus.

/** In the order in which they follow each other, up or down. */
export type PostmasterPhase =
  | 'startup'
  | 'recovery'
  | 'hot standby'
  | 'run'
  | 'stop backends'
  | 'wait backends'
  /** The checkpointer writes the shutdown checkpoint. */
  | 'shutdown'
  /** The walsenders send it. */
  | 'wait walsenders'
  /** 18: the io workers, then the checkpointer, end. */
  | 'wait io workers'
  | 'wait checkpointer'
  | 'wait dead end'
  | 'no children'

export class PostmasterState {
  phase: PostmasterPhase = 'startup'
  shutdown: 'none' | 'smart' | 'fast' | 'immediate' = 'none'
  /** A child crashed: until the startup process has succeeded. */
  fatalError = false
  startup: 'running' | 'not running' | 'signaled' | 'crashed' = 'not running'
  /** Smart shutdown lets no new clients in. */
  admitsClients = true
  walReceiverRequested = false
  /** When children were told to quit: five seconds later they are killed. 0: nobody was. */
  abortStartedAt = 0
  /** The wall clock's second in which an archiver was started last: it survives crash cycles. */
  archiverStartedIn = Number.NEGATIVE_INFINITY
  /** Transaction ids run out: a launcher is started even with autovacuum = off. */
  autovacuumIsForced = false
  /** When a background worker that ended may be started again. */
  launcherRestartAt = Number.NEGATIVE_INFINITY

  get isGoingDown(): boolean {
    return this.shutdown !== 'none'
  }
}
