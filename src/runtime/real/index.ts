// The door of the engine over real servers.

import type { EngineKind } from '../engine.ts'
import { type Binaries, findBinaries } from './cluster/binaries.ts'
import { clearAbandoned } from './cluster/run-folder.ts'
import { serverUser } from './cluster/server-user.ts'
import { RealEngine } from './engine.ts'

export interface PostgresOptions {
  /** The folder that holds initdb and postgres; found if left out. */
  readonly bindir?: string
  /** The folder of each run is left where it is, its servers stopped; called with commands that start and reach them. */
  readonly keep?: (commands: readonly string[]) => void
}

/** Why no real server can be played on here: said to the person. */
export class NoServerError extends Error {}

/** The programs of this major, known to start here. */
function binariesOf(major: number, { bindir }: PostgresOptions): Binaries {
  if (process.platform !== 'linux') {
    throw new NoServerError('real servers are played on Linux alone: their processes are read from /proc')
  }
  const user = serverUser()
  if (process.getuid!() === 0 && !user) {
    throw new NoServerError('PostgreSQL does not run as root, and there is neither a user postgres nor nobody')
  }
  const found = findBinaries(major, user, bindir)
  if ('missing' in found) throw new NoServerError(found.missing)
  return found.binaries
}

/** Plays scenarios on real servers on this machine. Opening a run throws NoServerError where there are none. */
export function postgresEngine(options: PostgresOptions = {}): EngineKind {
  return {
    name: 'postgres',
    diagnose: () => [],
    async open(topology, engineOptions) {
      const binaries = binariesOf(topology.postgres, options)
      clearAbandoned()
      const { keep } = options
      return RealEngine.open(topology, engineOptions, { binaries, user: serverUser(), ...(keep ? { keep } : {}) })
    },
  }
}
