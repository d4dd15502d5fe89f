// The engine's side of the playground: reads, converts and plays scenarios, in a thread of its own. The page ends the
// thread to stop a run.

import {
  convertScenario,
  type Diagnostic,
  defaultBudget,
  formats,
  loadScenario,
  plain,
  playScenario,
  type ReportedRun,
  type SourceFile,
  summary,
  type TraceEvent,
  vocabulary,
} from '../../src/index.ts'
import { viewerRunOf } from '../../src/report/viewer-run.ts'
import { knobsOf } from './knobs.ts'
import type { Answer, Order, Performance, PlayedRun, Reading } from './protocol.ts'

/** Set when the page is built. */
declare const pgdrillVersion: string

/** Milliseconds of a person's patience, and how many events a page can hold. */
const longest = 60_000
const mostEvents = 3_000_000
const betweenSigns = 100

addEventListener('message', async ({ data: order }: MessageEvent<Order>) => {
  const { number } = order
  const say = (answer: Answer) => postMessage(answer)
  try {
    say({ number, kind: 'answer', value: await carryOut(order, seconds => say({ number, kind: 'progress', seconds })) })
  } catch (error) {
    say({ number, kind: 'fault', message: error instanceof Error ? error.message : String(error) })
  }
})

async function carryOut(order: Order, progress: (seconds: number) => void) {
  switch (order.kind) {
    case 'vocabulary':
      return vocabulary
    case 'read':
      return read(order.source)
    case 'play':
      return play(order.source, progress)
    case 'convert':
      return convertScenario(order.source, order.to)
  }
}

async function read(source: SourceFile): Promise<Reading> {
  const { scenarios, diagnostics } = await loadScenario(source)
  const knobs = scenarios ? knobsOf(scenarios[0], vocabulary) : []
  return { text: source.text, diagnostics, knobs }
}

async function play(source: SourceFile, progress: (seconds: number) => void): Promise<Performance> {
  const { scenarios, diagnostics } = await loadScenario(source)
  if (!scenarios) return wrong(diagnostics)
  const begun = performance.now()
  let shownAt = begun
  const listener = ({ time, sequence }: TraceEvent) => {
    if (sequence % 64 !== 0 || performance.now() - shownAt < betweenSigns) return
    shownAt = performance.now()
    progress(time / 1e9)
  }
  const isSpent = () =>
    performance.now() - begun > longest ? `it was stopped after ${longest / 1000} s of real time` : undefined
  const runs: ReportedRun[] = []
  for (const scenario of scenarios) {
    const played = await playScenario(scenario, {
      detail: 'lifecycle',
      wants: formats.html.needs,
      listener,
      budget: { ...defaultBudget, events: mostEvents, isSpent },
    })
    if ('diagnostics' in played) return wrong(played.diagnostics)
    runs.push(...played.runs)
  }
  return { diagnostics: [], runs: runs.map(run => playedRun(run, runs.length > 1)), summary: summary(runs) }
}

function wrong(diagnostics: readonly Diagnostic[]): Performance {
  return { diagnostics, runs: [], summary: '' }
}

function playedRun(run: ReportedRun, isOneOfMany: boolean): PlayedRun {
  const { scenario, permutation, verdicts } = run
  const variant = Object.entries(scenario.variant).map(([name, value]) => `${name} = ${value}`)
  const name = [...variant, ...(permutation === undefined ? [] : [permutation])].join(', ')
  const options = { version: pgdrillVersion, detail: 'lifecycle', styles: plain, width: 110 } as const
  const held = verdicts.filter(({ outcome }) => outcome === 'held').length
  return {
    name: isOneOfMany ? name : '',
    timeline: [...formats.text.write([run], options)].join(''),
    held,
    failed: verdicts.length - held,
    viewer: viewerRunOf(run, pgdrillVersion),
  }
}
