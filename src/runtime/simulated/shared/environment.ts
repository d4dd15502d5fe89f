// What every part of a server needs: who it is, where it runs, what it may write to.

import type { Trace } from '../../trace.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Host } from '../machine/host.ts'
import type { Network } from '../machine/link.ts'
import type { Volume } from '../machine/volume.ts'
import type { Settings } from '../settings/settings.ts'
import type { ServerLog } from './log.ts'

export interface ServerEnvironment {
  /** The node's name in the scenario. */
  readonly name: string
  readonly version: 15 | 16 | 17 | 18
  readonly settings: Settings
  readonly host: Host
  readonly kernel: Kernel
  readonly trace: Trace
  readonly network: Network
  /** The data directory. */
  readonly data: Volume
  /** Where pg_wal is; the same volume as `data` unless the scenario gives it one of its own. */
  readonly pgWal: Volume
  /** Where the logger's files are; the same as `data` unless the scenario gives them one of their own. */
  readonly logVolume: Volume
  readonly log: ServerLog
}

/** As initdb was told. */
export function dataDirectoryOf({ name, version }: ServerEnvironment): string {
  return `/var/lib/postgresql/${version}/${name}`
}
