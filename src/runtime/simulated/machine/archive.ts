// An archive: a place outside of the servers' own disks that files are copied to. What is in it survives every server.

import { millisecond } from '../../../model/units.ts'

export type ArchiveKind = 'directory' | 'object-store'

/** What a copy to it costs: a request, in nanoseconds, and then bytes per second. */
const profiles: Readonly<Record<ArchiveKind, { readonly latency: number; readonly bandwidth: number }>> = {
  directory: { latency: 0, bandwidth: 2e9 },
  'object-store': { latency: 50 * millisecond, bandwidth: 100e6 },
}

export class Archive {
  private readonly latency: number
  private readonly bandwidth: number
  private readonly files = new Set<string>()

  /** `latency`, in nanoseconds: another than is usual for its kind. */
  constructor(kind: ArchiveKind, latency = profiles[kind].latency) {
    this.latency = latency
    this.bandwidth = profiles[kind].bandwidth
  }

  has(name: string): boolean {
    return this.files.has(name)
  }

  add(name: string): void {
    this.files.add(name)
  }

  /** How long it takes to copy a file of so many bytes here. */
  timeToCopy(bytes: number): number {
    return this.latency + Math.round((bytes / this.bandwidth) * 1e9)
  }
}
