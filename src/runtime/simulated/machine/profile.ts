// What the hardware costs. Times are nanoseconds, bandwidths bytes per second.

import { microsecond, millisecond, second } from '../../../model/units.ts'

export interface DiskProfile {
  /** Reading 8 kB that the page cache does not have. */
  readonly readLatency: number
  /** What a flush costs besides moving the data. */
  readonly fsyncLatency: number
  readonly bandwidth: number
  /** How many requests it serves at once; further ones queue. */
  readonly queueDepth: number
}

export const diskProfiles: Readonly<Record<string, DiskProfile>> = {
  nvme: { readLatency: 80 * microsecond, fsyncLatency: 400 * microsecond, bandwidth: 2e9, queueDepth: 64 },
  ssd: { readLatency: 150 * microsecond, fsyncLatency: 1500 * microsecond, bandwidth: 500e6, queueDepth: 32 },
  hdd: { readLatency: 6 * millisecond, fsyncLatency: 12 * millisecond, bandwidth: 150e6, queueDepth: 1 },
}

/** The kernel writes what has been dirty for so long to the disk by itself, and looks for it so often. */
export const dirtyExpire = 30 * second
export const writeBackInterval = 5 * second

/** Copying 8 kB between a process and the page cache. */
export const pageCopy = 2 * microsecond

/** What a CPU loses when it goes on with another process: the switch itself, and caches that are cold. */
export const contextSwitch = 5 * microsecond

/** How long a process may run before another one has its turn. */
export const timeSlice = 3 * millisecond

/** One way through the loopback interface or a Unix socket. */
export const localLatency = 12 * microsecond
