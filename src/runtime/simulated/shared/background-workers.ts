// The background workers that processes ask the postmaster for while the server runs: each has a slot, of which there
// are max_worker_processes, from when it is asked for until the postmaster has buried it. Mirrors the shared part of
// bgworker.c.

import type { Process } from '../machine/process.ts'
import type { Settings } from '../settings/settings.ts'

export interface WorkerRequest {
  /** What ps shows. */
  readonly name: string
  /** Where it finds what it is to do. */
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
  private readonly others: () => number
  private readonly slots: BackgroundWorker[] = []
  /** Has the postmaster look at what changed here. */
  askPostmaster: ((cause?: number) => void) | undefined

  /** `others`: how many slots are taken by who does not ask here, which is the work of logical replication. */
  constructor(settings: Settings, others: () => number) {
    this.settings = settings
    this.others = others
  }

  get all(): readonly BackgroundWorker[] {
    return this.slots
  }

  /** RegisterDynamicBackgroundWorker: undefined if there is no slot left, or as many parallel workers as `limit`. */
  register(request: WorkerRequest, limit: number): BackgroundWorker | undefined {
    const used = this.slots.length
    if (used + this.others() >= this.settings.get('max_worker_processes') || used >= limit) return undefined
    const worker = new BackgroundWorker(request)
    this.slots.push(worker)
    this.askPostmaster?.(request.requester.cause)
    return worker
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
