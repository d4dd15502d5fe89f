// The volumes of one node: those that the scenario declares for it, and its host's disk for all else. It tells how full
// pg_wal is whenever that changes, and how full the data directory's is at every per cent, where it has a size.

import type { Ordered, RequestOf, VolumeDeclaration, VolumeName } from '../../engine.ts'
import type { Trace } from '../../trace.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { PageCache } from '../machine/page-cache.ts'
import type { DiskProfile } from '../machine/profile.ts'
import { Volume } from '../machine/volume.ts'

/** What they are made of; `pages`: the page cache of a machine whose memory has a size. */
interface Machinery {
  readonly kernel: Kernel
  readonly trace: Trace
  readonly profile: DiskProfile
  readonly pages?: PageCache | undefined
}

export class NodeVolumes {
  readonly data: Volume
  readonly pgWal: Volume
  readonly log: Volume
  private readonly node: string
  private readonly trace: Trace
  private readonly declared = new Map<VolumeName, Volume>()
  private pgWalUsed = 0
  /** In per cent, as they were told. */
  private readonly told = new Map<VolumeName, number>()

  constructor(node: string, { kernel, trace, profile, pages }: Machinery, declarations: readonly VolumeDeclaration[]) {
    this.node = node
    this.trace = trace
    for (const { name, size, bandwidth = profile.bandwidth, fsync = profile.fsyncLatency } of declarations) {
      this.declared.set(name, new Volume(kernel, { ...profile, bandwidth, fsyncLatency: fsync }, size, pages))
    }
    this.data = this.declared.get('data') ?? new Volume(kernel, profile, undefined, pages)
    this.pgWal = this.declared.get('pg_wal') ?? this.data
    this.log = this.declared.get('log') ?? this.data
    for (const volume of this.all) volume.whenUsed = (path, more) => this.used(volume, path, more)
  }

  get all(): readonly Volume[] {
    return [...new Set([this.data, this.pgWal, this.log])]
  }

  /** What they hold when the run begins. */
  tellAll(): void {
    this.tell('pg_wal')
    for (const name of this.declared.keys()) if (name !== 'pg_wal') this.tell(name)
  }

  fill({ volume: name, to, cause }: RequestOf<'fill'>): Ordered {
    const volume = this.declared.get(name)
    if (!volume || volume.size === Number.POSITIVE_INFINITY) return { refused: `${name} of ${this.node} has no size` }
    const wanted = to === undefined ? 0 : Math.floor(volume.size * to) - volume.usedByFiles
    if (wanted < 0) return { refused: `${name} of ${this.node} is fuller than that already` }
    volume.fill(wanted)
    this.tell(name, cause)
    return {}
  }

  fail({ call, fails }: RequestOf<'fail'>): Ordered {
    for (const volume of this.all) {
      if (fails) volume.failing.add(call)
      else volume.failing.delete(call)
    }
    return {}
  }

  /** Missing: as they were declared. */
  degrade(name: VolumeName, { bandwidth, fsync }: Pick<VolumeDeclaration, 'bandwidth' | 'fsync'>): Ordered {
    const volume = { data: this.data, pg_wal: this.pgWal, log: this.log }[name]
    volume.disk.change({
      ...(bandwidth === undefined ? {} : { bandwidth }),
      ...(fsync === undefined ? {} : { fsyncLatency: fsync }),
    })
    return {}
  }

  private used(volume: Volume, path: string, more: number): void {
    if (path.startsWith('pg_wal/')) {
      this.pgWalUsed += more
      this.tell('pg_wal')
      return
    }
    for (const [name, each] of this.declared) {
      if (each !== volume || name === 'pg_wal' || each.size === Number.POSITIVE_INFINITY) continue
      const percent = Math.floor((volume.used * 100) / volume.size)
      if (this.told.get(name) !== percent) this.tell(name)
    }
  }

  private tell(name: VolumeName, cause?: number): void {
    const volume = this.declared.get(name)
    const hasSize = volume !== undefined && volume.size !== Number.POSITIVE_INFINITY
    if (hasSize) this.told.set(name, Math.floor((volume.used * 100) / volume.size))
    if (!this.trace.wants('volume.changed')) return
    // A pg_wal that shares a disk has no size of its own.
    const used = volume === undefined ? this.pgWalUsed : volume.used
    this.trace.emit(
      'volume.changed',
      { node: this.node },
      { volume: name, used, ...(hasSize ? { size: volume.size } : {}) },
      cause,
    )
  }
}
