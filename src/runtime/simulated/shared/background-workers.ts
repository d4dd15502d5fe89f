// The background workers that processes ask the postmaster for while the server runs: each has a slot, of which there
// are max_worker_processes, from when it is asked for until the postmaster has buried it. Mirrors the shared part of
// bgworker.c.

import type { Process } from '../machine/process.ts'
import type { Settings } from '../settings/settings.ts'

/** Those of logical replication are started where commits are allowed only, the others on a standby as well. */
export type BackgroundWorkerType = 'parallel worker' | 'logical replication worker'

export interface WorkerRequest {
  readonly type: BackgroundWorkerType
  /** What the log calls it. */
  readonly name: string
  /** What ps shows. */
  readonly title: string
  /** Where it finds what it is to do: the leader's segment, or its place among the workers of logical replication. */
  readonly handle: number
  /** Which of those that work on it. */
  readonly index: number
  /** Who asks, and is told when it begins and when it has ended. */
  readonly requester: Process
}

export class BackgroundWorker {
  readonly request: WorkerRequest
  status: 'not yet started' | 'started' | 'stopped' = 'not yet started'
  process: Process | undefined
  /** It is to end; the postmaster may not have told it yet. */
  terminates = false
  isTold = false

  constructor(request: WorkerRequest) {
    this.request = request
  }
}

export class BackgroundWorkers {
  private readonly settings: Settings
  private readonly slots: BackgroundWorker[] = []
  /** Has the postmaster look at what changed here. */
  askPostmaster: ((cause?: number) => void) | undefined

  constructor(settings: Settings) {
    this.settings = settings
  }

  get all(): readonly BackgroundWorker[] {
    return this.slots
  }

  /** RegisterDynamicBackgroundWorker: undefined if there is no slot left, or `limit` of its type have one. */
  register(request: WorkerRequest, limit = Number.POSITIVE_INFINITY): BackgroundWorker | undefined {
    const alike = this.slots.filter(({ request: { type } }) => type === request.type).length
    const used = this.slots.length + (this.hasLauncher ? 1 : 0)
    if (used >= this.settings.get('max_worker_processes') || alike >= limit) return undefined
    const worker = new BackgroundWorker(request)
    this.slots.push(worker)
    this.askPostmaster?.(request.requester.cause)
    return worker
  }

  /** The launcher of logical replication has its slot from the start. */
  private get hasLauncher(): boolean {
    return this.settings.get('max_logical_replication_workers') > 0
  }

  /** TerminateBackgroundWorker: the postmaster tells it, or never starts it. */
  terminate(worker: BackgroundWorker, cause?: number): void {
    if (worker.terminates || worker.status === 'stopped') return
    worker.terminates = true
    this.askPostmaster?.(cause)
  }

  /** For the postmaster: it runs now. */
  started(worker: BackgroundWorker, process: Process): void {
    worker.status = 'started'
    worker.process = process
    worker.request.requester.latch.set(process.cause)
  }

  /** For the postmaster: it has ended, or will never begin. */
  forget(worker: BackgroundWorker, cause?: number): void {
    worker.status = 'stopped'
    this.slots.splice(this.slots.indexOf(worker), 1)
    worker.request.requester.latch.set(cause)
  }
}
