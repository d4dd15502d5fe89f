// An archive: a place outside of the servers' own disks that files are copied to. What is in it survives every server.

import { millisecond } from '../../../model/units.ts'
import { File } from './file.ts'

export type ArchiveKind = 'directory' | 'object-store'

/** What a copy to it or from it costs: a request, in nanoseconds, and then bytes per second. */
const profiles: Readonly<Record<ArchiveKind, { readonly latency: number; readonly bandwidth: number }>> = {
  directory: { latency: 0, bandwidth: 2e9 },
  'object-store': { latency: 50 * millisecond, bandwidth: 100e6 },
}

export interface ArchiveOptions {
  /** In nanoseconds: another than is usual for its kind. */
  readonly latency?: number
  /** Nobody will ever fetch anything: it keeps the names of what it gets, and no bytes. */
  readonly isWriteOnly?: boolean
}

export class Archive {
  readonly latency: number
  readonly bandwidth: number
  private readonly isWriteOnly: boolean
  private readonly files = new Map<string, File>()

  constructor(kind: ArchiveKind, { latency = profiles[kind].latency, isWriteOnly = false }: ArchiveOptions = {}) {
    this.latency = latency
    this.bandwidth = profiles[kind].bandwidth
    this.isWriteOnly = isWriteOnly
  }

  has(name: string): boolean {
    return this.files.has(name)
  }

  /** Names that begin with `prefix`, sorted. */
  list(prefix = ''): string[] {
    return [...this.files.keys()].filter(name => name.startsWith(prefix)).sort()
  }

  /** Keeps a copy. */
  add(name: string, file: File): void {
    this.files.set(name, this.isWriteOnly ? new File() : file.copy())
  }

  get(name: string): File | undefined {
    return this.files.get(name)
  }

  remove(name: string): void {
    this.files.delete(name)
  }

  /** How long it takes to copy a file of so many bytes here, or from here. */
  timeToCopy(bytes: number): number {
    return this.latency + Math.round((bytes / this.bandwidth) * 1e9)
  }
}
