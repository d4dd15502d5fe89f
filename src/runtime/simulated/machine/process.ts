// A process of the simulated operating system: a coroutine with signals, a latch, and a local time that may run ahead
// of the clock by the CPU time it has been charged and not yet spent.
//
// What it can wait for: CPU time (pause), its latch (waitLatch), a length of time (sleep). A process that is killed is
// dropped where it stands; one that exits runs its exit callbacks, newest first.

import type { EventPlace } from '../../../model/trace.ts'
import { type Coroutine, Task } from '../kernel/task.ts'
import type { Host } from './host.ts'
import { Latch } from './latch.ts'
import type { ExitStatus, Signal } from './signals.ts'
import type { Socket } from './socket.ts'

export type Main = (me: Process) => Coroutine

/** Thrown through a process's own code by `exit`. */
class Exit {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

export interface LatchWait {
  /** When to give up waiting; missing means never. */
  readonly until?: number
  /** PostgreSQL's name of what is waited for, as pg_stat_activity shows it. */
  readonly waitEvent: string
}

export class Process {
  readonly host: Host
  readonly pid: number
  readonly parent: Process | undefined
  type: string
  /** Where its events happen. */
  place: EventPlace
  readonly startedAt: number
  /** What ps shows; `setTitle` changes it. */
  title: string
  readonly latch = new Latch()
  private waits: string | undefined
  /** Ends with code 1 in place of sleeping on its latch once its parent is gone. */
  leavesWithParent = false
  /** The event that led to what the process does now. */
  cause: number | undefined
  /** Called at every pause: PostgreSQL's CHECK_FOR_INTERRUPTS. It may throw. */
  checkForInterrupts: (() => void) | undefined
  /** Children that ended and were not waited for yet. */
  readonly exitedChildren: { readonly process: Process; readonly status: ExitStatus }[] = []
  readonly sockets = new Set<Socket>()
  /** CPU time that it was charged, in nanoseconds. */
  cpuTime = 0
  /** Called when it has ended, however; not when its machine stopped under it. */
  whenEnded: (() => void) | undefined
  /** CPU time that is left of its time slice; a wait ends it. For Cpus alone. */
  slice = 0
  private readonly task: Task
  private ahead = 0
  private readonly handlers = new Map<Signal, () => void>()
  private readonly pending = new Set<Signal>()
  private readonly exitCallbacks: (() => void)[] = []
  private stopped = false
  /** Says whether the write that it stands still in is over. */
  private heldUpUntil: (() => boolean) | undefined
  /** It is in the middle of such a write; stays so if it is killed there. */
  standsStill = false

  /** Only Host makes processes. */
  constructor(host: Host, pid: number, type: string, node: string | undefined, main: Main, parent?: Process) {
    this.host = host
    this.pid = pid
    this.type = type
    this.title = type
    this.parent = parent
    this.place = node === undefined ? { pid, process: type } : { node, pid, process: type }
    this.startedAt = parent?.now() ?? host.kernel.now
    this.cause = parent?.cause
    this.task = new Task(host.kernel, main(this), error => this.returned(error))
  }

  get alive(): boolean {
    return this.task.alive
  }

  /** Whether its own code runs at this moment. */
  get isRunning(): boolean {
    return this.task.isRunning
  }

  /** It turns out to be of another type than it was forked as. */
  become(type: string): void {
    this.type = type
    this.place = { ...this.place, process: type }
  }

  /** Changes what ps shows, as setproctitle(3) does. */
  setTitle(title: string): void {
    if (this.title === title) return
    this.title = title
    const { trace } = this.host
    if (trace.wants('process.titled')) trace.emit('process.titled', this.place, { type: this.type, title }, this.cause)
  }

  /** PostgreSQL's name of what it waits for. */
  get waitEvent(): string | undefined {
    return this.waits
  }

  set waitEvent(event: string | undefined) {
    const before = this.waits
    this.waits = event
    this.host.whenWaiting?.(this, before, event)
  }

  // Time

  /** Its local time, in nanoseconds since the start of the run. */
  now(): number {
    return this.host.kernel.now + this.ahead
  }

  /** Spends CPU time. It passes at once if a CPU is idle and nothing else is due meanwhile, else at the next pause. */
  charge(nanoseconds: number): void {
    this.cpuTime += nanoseconds
    const duration = this.ahead + nanoseconds
    const { cpus, kernel } = this.host
    this.ahead = cpus.busy < cpus.count && kernel.tryAdvance(duration) ? 0 : duration
  }

  /** Lets others run if they are due, then looks for interrupts. Stands at page boundaries and ends of statements. */
  *pause(): Coroutine {
    while (this.mustYield()) yield
  }

  /** The same for a loop that pauses more often than anything else, without a coroutine: `while (me.mustYield()) yield`. */
  mustYield(): boolean {
    if (this.ahead > 0 && this.spends()) return true
    if (this.heldUpUntil !== undefined && this.standsOn(this.heldUpUntil)) return true
    this.checkForInterrupts?.()
    return false
  }

  /** Spends its charged CPU time. True: on one of the host's CPUs, and it has to be waited for. */
  private spends(): boolean {
    const duration = this.ahead
    this.ahead = 0
    const { cpus, kernel } = this.host
    if (cpus.busy < cpus.count && kernel.tryAdvance(duration)) return false
    cpus.run(this, duration)
    return true
  }

  /** Sleeps until its latch is set (true) or the time has come (false). Does not reset the latch. */
  *waitLatch(wait: LatchWait): Coroutine<boolean> {
    if (this.heldUpUntil) yield* this.standStill()
    if (this.ahead > 0 && this.spends()) yield
    if (this.leavesWithParent && !this.parent?.alive) this.exit(1)
    if (this.latch.isSet) return true
    if (wait.until !== undefined && wait.until <= this.now()) return false
    this.slice = 0
    this.latch.sleep(this)
    this.waitEvent = wait.waitEvent
    if (wait.until !== undefined) this.task.wakeAtLatest(wait.until)
    yield
    this.latch.wakeUp()
    this.waitEvent = undefined
    if (this.leavesWithParent && !this.parent?.alive) this.exit(1)
    return this.latch.isSet
  }

  /** Sleeps for a length of time; only a signal that kills cuts it short. */
  *sleep(duration: number, waitEvent: string): Coroutine {
    if (this.heldUpUntil) yield* this.standStill()
    if (this.ahead > 0 && this.spends()) yield
    this.slice = 0
    this.waitEvent = waitEvent
    this.task.wakeAt(this.host.kernel.now + duration)
    yield
    this.waitEvent = undefined
  }

  /** Its main loop, or part of it: woken, it goes on in there at once, and not through all that has called it. */
  *loop<Result>(body: Coroutine<Result>): Coroutine<Result> {
    return yield* this.task.enter(body)
  }

  /** A write(2) that does not return: from its next pause or wait on it stands still until `isOver`. */
  holdUp(isOver: () => boolean): void {
    this.heldUpUntil = isOver
  }

  get isHeldUp(): boolean {
    return this.heldUpUntil !== undefined
  }

  /** What it was held up by is over. */
  letGo(): void {
    if (this.standsStill) this.task.wake()
  }

  /** Nothing wakes it but what it stands still for: signals set flags, and no interrupt is looked for. */
  *standStill(): Coroutine {
    if (this.ahead > 0 && this.spends()) yield
    while (this.heldUpUntil !== undefined && this.standsOn(this.heldUpUntil)) yield
  }

  private standsOn(isOver: () => boolean): boolean {
    this.standsStill = !isOver()
    if (!this.standsStill) this.heldUpUntil = undefined
    return this.standsStill
  }

  /** For what it waits for: makes it go on. */
  continue(): void {
    this.task.wake()
  }

  /** The same, as the last thing that an entry of the queue does. */
  continueNext(): void {
    this.task.wakeNext()
  }

  // Signals

  /** Handlers run when the signal comes, wherever the process stands; they set flags and latches, or end the process. */
  on(signal: Signal, handler: () => void): void {
    this.handlers.set(signal, handler)
  }

  ignore(...signals: Signal[]): void {
    for (const signal of signals) this.handlers.set(signal, () => {})
  }

  /** The handler that most processes have: remember the signal for `received`, and set the latch. */
  remember(...signals: Signal[]): void {
    for (const signal of signals) {
      this.handlers.set(signal, () => {
        this.pending.add(signal)
        this.latch.set()
      })
    }
  }

  /** Whether the signal has come; stays so until `forget`. */
  received(signal: Signal): boolean {
    return this.pending.has(signal)
  }

  forget(signal: Signal): void {
    this.pending.delete(signal)
  }

  /** Delivers a signal, as kill(2) does. `cause` is the event that led to it. */
  signal(signal: Signal, cause?: number): void {
    if (!this.alive) return
    if (cause !== undefined) this.cause = cause
    if (signal === 'KILL') return this.end({ signal })
    if (signal === 'STOP') {
      this.stopped = true
      return this.task.suspend()
    }
    if (signal === 'CONT') {
      if (!this.stopped) return
      this.stopped = false
      this.task.resume()
      const queued = [...this.queuedSignals]
      this.queuedSignals.clear()
      for (const each of queued) this.signal(each)
      return
    }
    if (this.stopped) {
      this.queuedSignals.add(signal)
      return
    }
    const handler = this.handlers.get(signal)
    if (handler) handler()
    else if (signal !== 'CHLD') this.end({ signal })
  }

  /** Signals that came while it was stopped: each is delivered once when it goes on. */
  private readonly queuedSignals = new Set<Signal>()

  // The end

  /** Calls `callback` when the process exits, not when it is killed. The newest is called first. */
  atExit(callback: () => void): void {
    this.exitCallbacks.push(callback)
  }

  /** Ends the process from within its own code. */
  exit(code: number): never {
    throw new Exit(code)
  }

  /** Ends the process from a signal handler, at once and without exit callbacks, as _exit(2) does. */
  exitAtOnce(code: number): void {
    this.end({ code })
  }

  private returned(error: unknown): void {
    if (error !== undefined && !(error instanceof Exit)) throw error
    for (let callback = this.exitCallbacks.pop(); callback; callback = this.exitCallbacks.pop()) callback()
    this.host.processEnded(this, { code: error instanceof Exit ? error.code : 0 })
  }

  private end(status: ExitStatus): void {
    this.task.drop()
    this.host.processEnded(this, status)
  }

  /** The machine stopped under it: nobody is told. For Host alone. */
  vanish(): void {
    this.task.drop()
  }

  /** For Host alone. */
  begin(): void {
    this.task.wakeAt(this.startedAt)
  }
}
