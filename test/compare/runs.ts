// Pairs of runs to compare: the simulation under two seeds, and real servers' logs put in the place of the simulated.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { loadScenario, playScenario, type ReportedRun, type TraceEvent } from '../../src/index.ts'
import { type EventKind, eventKinds } from '../../src/model/trace.ts'

/** As if everything could be seen. */
export const observable = new Set(Object.keys(eventKinds) as EventKind[])

export async function simulate(file: string, options: { seed?: number; postgres?: number } = {}): Promise<ReportedRun> {
  const text = readFileSync(file, 'utf8')
  const { scenarios } = await loadScenario({ name: basename(file), text })
  const [first] = scenarios!
  const scenario = { ...first, postgres: (options.postgres ?? first.postgres) as 15 }
  const played = await playScenario(scenario, {
    detail: 'lifecycle',
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
  return played.runs[0]
}

/** The run with few of its commits: what tells nothing new only takes time. */
export function thinned(run: ReportedRun): ReportedRun {
  const events = run.events.filter(({ kind, sequence }) => kind !== 'client.acknowledged' || sequence % 100 === 0)
  return { ...run, events: renumbered(events) }
}

/** The run as real servers would have played it, with these events. */
export function asReal(run: ReportedRun, events: readonly TraceEvent[] = run.events): ReportedRun {
  return { ...run, engine: 'postgres', events: renumbered(events) }
}

export function renumbered(events: readonly TraceEvent[]): TraceEvent[] {
  return events.map((event, at) => ({ ...event, sequence: at + 1 }))
}

/** Puts a server's log, written with the prefix '%m [%b] ', in the place of the node's; `at`: when it begins. */
export function withLog(run: ReportedRun, node: string, file: string, at: number): ReportedRun {
  const lines = linesOf(readFileSync(file, 'utf8'), node, at)
  const others = run.events.filter(event => event.kind !== 'log.line' || event.node !== node)
  const all = [...others, ...lines].sort((one, other) => one.time - other.time)
  return asReal(run, all)
}

function linesOf(text: string, node: string, begin: number): TraceEvent[] {
  const events: Record<string, unknown>[] = []
  let first: number | undefined
  for (const row of text.trimEnd().split('\n')) {
    const match = /^(\S+ \S+) UTC \[([^\]]+)\] ([A-Z]+): {2}(.*)$/.exec(row)
    if (!match) {
      events.at(-1)!.message += `\n${row}`
      continue
    }
    const [, moment, process, level, message] = match
    const milliseconds = Date.parse(`${moment.replace(' ', 'T')}Z`)
    first ??= milliseconds
    if (['DETAIL', 'HINT', 'CONTEXT', 'STATEMENT'].includes(level)) events.at(-1)![level.toLowerCase()] = message
    else {
      const time = begin + (milliseconds - first) * 1e6
      events.push({ time, sequence: 0, kind: 'log.line', node, process, pid: 1, level, message })
    }
  }
  return events as unknown as TraceEvent[]
}
