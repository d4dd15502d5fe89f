// A host with a server's volumes, on which a test runs processes: the machine without a server. Its memory (the WAL's
// and the pool's objects) belongs to the test, which throws it away where a crash would.

import type { TraceEvent } from '../../../../src/model/trace.ts'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import { Host } from '../../../../src/runtime/simulated/machine/host.ts'
import { Network } from '../../../../src/runtime/simulated/machine/link.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { diskProfiles } from '../../../../src/runtime/simulated/machine/profile.ts'
import { Volume } from '../../../../src/runtime/simulated/machine/volume.ts'
import { Settings } from '../../../../src/runtime/simulated/settings/settings.ts'
import type { ServerEnvironment } from '../../../../src/runtime/simulated/shared/environment.ts'
import { ServerLog } from '../../../../src/runtime/simulated/shared/log.ts'
import { ProcArray } from '../../../../src/runtime/simulated/shared/proc-array.ts'
import { Requests } from '../../../../src/runtime/simulated/shared/requests.ts'
import { segmentOf, segmentSize, walFilePath } from '../../../../src/runtime/simulated/wal/lsn.ts'
import { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Trace } from '../../../../src/runtime/trace.ts'

export const systemIdentifier = 7_455_555_555_555_555_555n

/** Where the WAL of the tests begins: the first segment that a fresh cluster has. */
export const walStart = segmentSize

export interface MachineOptions {
  readonly version?: 15 | 16 | 17 | 18
  readonly settings?: Readonly<Record<string, string>>
  readonly seed?: number
  /** Size of the volumes in bytes. */
  readonly size?: number
}

export class Machine {
  readonly kernel: Kernel
  readonly host: Host
  readonly environment: ServerEnvironment
  readonly events: TraceEvent[] = []
  requests = new Requests()
  procArray = new ProcArray()

  constructor(options: MachineOptions = {}) {
    this.kernel = new Kernel(options.seed ?? 1)
    const trace = new Trace(
      () => this.kernel.now,
      ['wal.flushed', 'wal.segment_created', 'wal.segment_removed', 'buffer.written'],
      event => this.events.push(event),
    )
    this.host = new Host(this.kernel, trace, 'small', { cpus: 2, firstPid: 100 })
    const data = new Volume(this.kernel, diskProfiles.nvme, options.size)
    const pgWal = new Volume(this.kernel, diskProfiles.nvme, options.size)
    this.host.volumes.push(data, pgWal)
    const version = options.version ?? 15
    const settings = new Settings(version, new Map(Object.entries(options.settings ?? {})))
    const log = new ServerLog(trace, settings)
    const network = new Network(this.kernel)
    this.environment = {
      name: 'small',
      version,
      settings,
      host: this.host,
      kernel: this.kernel,
      trace,
      network,
      data,
      pgWal,
      logVolume: data,
      log,
    }
  }

  /** Starts a process; it runs with the next `run`. What it throws comes out of `run`. */
  start(main: (me: Process) => Coroutine): Process {
    return this.host.fork('backend', main)
  }

  /** Runs a process to its end, and others meanwhile. */
  run<T>(main: (me: Process) => Coroutine<T>): T {
    let result: { value: T } | undefined
    this.start(function* (me) {
      result = { value: yield* main(me) }
    })
    while (!result && this.kernel.step());
    if (!result) throw new Error('the process has not come to its end')
    return result.value
  }

  powerCut(): void {
    this.host.goDown('power')
    this.host.comeUp()
    this.requests = new Requests()
    this.procArray = new ProcArray()
  }

  /** The WAL of a server that has just started: nothing can be inserted yet. */
  newWal(): Wal {
    return new Wal(this.environment, this.requests, this.procArray, systemIdentifier)
  }

  /** A fresh WAL, with its first segment on the platter and no record in it yet. */
  *freshWal(me: Process): Coroutine<Wal> {
    const { pgWal } = this.environment
    const path = walFilePath(1, segmentOf(walStart))
    pgWal.create(path)
    pgWal.resize(path, segmentSize)
    yield* pgWal.fsync(me, path, 'WALInitSync')
    const wal = this.newWal()
    yield* wal.startInserting(me, { timeline: 1, end: walStart, lastRecord: 0, redo: walStart })
    return wal
  }
}
