// What the hardware costs. Times are nanoseconds, bandwidths bytes per second.

import { microsecond, millisecond } from '../../../model/units.ts'

export interface DiskProfile {
  /** Reading 8 kB that the page cache does not have. */
  readonly readLatency: number
  /** What a flush costs besides moving the data. */
  readonly fsyncLatency: number
  readonly bandwidth: number
}

export const diskProfiles: Readonly<Record<string, DiskProfile>> = {
  nvme: { readLatency: 80 * microsecond, fsyncLatency: 400 * microsecond, bandwidth: 2e9 },
  ssd: { readLatency: 150 * microsecond, fsyncLatency: 1500 * microsecond, bandwidth: 500e6 },
  hdd: { readLatency: 6 * millisecond, fsyncLatency: 12 * millisecond, bandwidth: 150e6 },
}

/** Copying 8 kB between a process and the page cache. */
export const pageCopy = 2 * microsecond

/** One way through the loopback interface or a Unix socket. */
export const localLatency = 12 * microsecond
