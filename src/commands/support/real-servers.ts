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
  /** The folders of the servers stay, and the person is told how to reach them. */
  readonly keep?: boolean
}

/** An object, so that tests can put another engine in. */
export const realServers = {
  async open({ bindir, keep }: RealServersOptions): Promise<RealServers> {
    const { NoServerError, observable, postgresEngine } = await import('../../real.ts')
    const engine = postgresEngine({
      ...(bindir === undefined ? {} : { bindir }),
      ...(keep ? { keep: tellWhatIsKept } : {}),
    })
    const open: EngineKind['open'] = async (topology, options) => {
      try {
        return await engine.open(topology, options)
      } catch (error) {
        throw error instanceof NoServerError ? new UserError(error.message) : error
      }
    }
    return { engine: { ...engine, open }, observable }
  },
}

function tellWhatIsKept(commands: readonly string[]): void {
  process.stderr.write('The servers are stopped, their folders kept. To start one and connect to it:\n')
  for (const command of commands) process.stderr.write(`  ${command}\n`)
}
