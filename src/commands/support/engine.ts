// Which engine plays, by the command's flags. The one over real servers is loaded only when it is asked for.

import { type Budget, defaultBudget, type EngineKind } from '../../index.ts'
import { UserError } from './command.ts'
import { patience } from './stopwatch.ts'

export interface EngineFlags {
  readonly bindir?: string
  readonly keep?: boolean
}

export interface Chosen {
  /** The simulation if left out. */
  readonly engine?: EngineKind
  readonly budget: Budget
}

export function simulation(): Chosen {
  return { budget: { ...defaultBudget, isSpent: patience() } }
}

/** Real servers of this major: they must be here. Their runs last as long as the scenario does. */
export async function realServers(major: number, { bindir, keep }: EngineFlags): Promise<Chosen> {
  const { binariesOf, NoServerError, postgresEngine } = await import('../../real.ts')
  const options = {
    ...(bindir === undefined ? {} : { bindir }),
    ...(keep ? { keep: tellWhatIsKept } : {}),
  }
  try {
    binariesOf(major, options)
  } catch (error) {
    if (error instanceof NoServerError) throw new UserError(error.message)
    throw error
  }
  return { engine: postgresEngine(options), budget: defaultBudget }
}

function tellWhatIsKept(commands: readonly string[]): void {
  process.stderr.write(`The servers are stopped, their folders kept. To start one and connect to it:\n`)
  for (const command of commands) process.stderr.write(`  ${command}\n`)
}
