// How a command gets the engine over real servers. It is loaded only where it is asked for: a drill on the simulation
// must not wait for what it does not need.

import type { EngineKind, EventKind } from '../../index.ts'
import { UserError } from './command.ts'

export interface RealServers {
  readonly engine: EngineKind
  /** The kinds of events that a real server can be seen to tell. */
  readonly observable: ReadonlySet<EventKind>
}

export interface RealServersOptions {
  /** The folder of the programs; found by the scenario's major if left out. */
  readonly bindir?: string
}

/** An object, so that tests can put another engine in. */
export const realServers = {
  async open(_options: RealServersOptions): Promise<RealServers> {
    throw new UserError('real servers are not there yet: this version plays scenarios on the simulation alone')
  },
}
