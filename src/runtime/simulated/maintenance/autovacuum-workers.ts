// What the autovacuum launcher and its workers share: who works on which table, who is being started, and the cost limit
// that is balanced over them. Mirrors AutoVacuumShmemStruct and WorkerInfoData.

import type { Process } from '../machine/process.ts'

export interface AutovacuumWorker {
  /** Undefined until it has started. */
  process: Process | undefined
  readonly launchedAt: number
  /** OID of the database that it is for. */
  readonly database: number
  /** The table that it works on; 0: none. */
  table: number
  /** It takes its part of the common limit: its table has no limits of its own. */
  isBalanced: boolean
}

export class AutovacuumWorkers {
  launcher: Process | undefined
  /** The launcher has asked for it, and it has not begun. */
  starting: AutovacuumWorker | undefined
  readonly running: AutovacuumWorker[] = []

  /** Whether another may be started besides those that are there. */
  hasRoom(limit: number): boolean {
    return this.running.length + (this.starting ? 1 : 0) < limit
  }

  request(now: number, database: number): void {
    this.starting = { process: undefined, launchedAt: now, database, table: 0, isBalanced: false }
  }

  /** A worker begins: it takes the place that was made for it; undefined if nobody asked. */
  begin(process: Process): AutovacuumWorker | undefined {
    const worker = this.starting
    this.starting = undefined
    if (!worker) return undefined
    worker.process = process
    this.running.push(worker)
    this.tellLauncher(process)
    return worker
  }

  end(worker: AutovacuumWorker): void {
    this.running.splice(this.running.indexOf(worker), 1)
    if (worker.process) this.tellLauncher(worker.process)
  }

  isBeingVacuumed(table: number, but: AutovacuumWorker): boolean {
    return this.running.some(worker => worker !== but && worker.table === table)
  }

  /** What the worker has of a cost limit that all share. */
  shareOf(limit: number, worker: AutovacuumWorker): number {
    if (!worker.isBalanced) return limit
    const sharers = this.running.filter(each => each.isBalanced && each.table !== 0).length
    return Math.max(1, Math.floor(limit / Math.max(1, sharers)))
  }

  private tellLauncher(by: Process): void {
    this.launcher?.signal('USR2', by.cause)
  }
}
