// The report for Perfetto (ui.perfetto.dev) and chrome://tracing: Trace Event Format as JSON. A node is a process, its
// processes are its threads; what lasts is a slice, what happens an instant, what goes between lanes a flow; throughput
// and WAL positions are counters. What is drawn is in perfetto-slices.ts and perfetto-counters.ts.

import { sentenceOf, type TraceEvent } from '../model/trace.ts'
import type { Lane } from './lanes.ts'
import { type Message, messageKinds, trafficOf } from './messages.ts'
import { counterKinds, countersOf } from './perfetto-counters.ts'
import { sliceKinds, slicesOf } from './perfetto-slices.ts'
import type { Format, ReportedRun } from './run.ts'
import { headingOf } from './text.ts'
import { failed } from './verdicts.ts'

/** An event of the format: `ph` says which; times are microseconds. */
type Entry = Readonly<Record<string, unknown>> & { readonly ph: string; readonly pid: number }

export const perfetto: Format = {
  needs: [...new Set([...messageKinds, ...sliceKinds, ...counterKinds])],
  *write(runs) {
    yield '{"displayTimeUnit":"ns","traceEvents":[\n'
    let [first, processes, flows] = [true, 0, 0]
    for (const run of runs) {
      const ids = { process: processes, flow: flows }
      for (const entry of entriesOf(run, ids)) {
        yield `${first ? '' : ','}${JSON.stringify(entry)}\n`
        first = false
      }
      processes = ids.process
      flows = ids.flow
    }
    yield ']}\n'
  },
}

/** Numbers that are taken: those of several runs must not meet. */
interface Ids {
  process: number
  flow: number
}

const scenarioThread = 0
const clientsGroup = 'clients'

function* entriesOf(run: ReportedRun, ids: Ids): Generator<Entry> {
  const { lanes, told, messages } = trafficOf(run.events)
  const heading = headingOf(run)
  const scenario = ++ids.process
  const name = heading === '' ? run.scenario.title : `${run.scenario.title} (${heading})`
  yield* named(scenario, `scenario: ${name}`, scenario)
  yield* thread(scenario, scenarioThread, 'timeline and checks')
  const groups = new Map<string, number>()
  const group = (lane: Lane) => groups.get(lane.node ?? clientsGroup)!
  for (const lane of lanes) {
    const key = lane.node ?? clientsGroup
    if (!groups.has(key)) {
      groups.set(key, ++ids.process)
      yield* named(group(lane), key, group(lane))
    }
    yield* thread(group(lane), lane.number + 1, lane.name)
  }
  for (const { lane, name, from, to, details } of slicesOf(run, lanes, told)) {
    const duration = { ts: from / 1000, dur: (to - from) / 1000 }
    yield { ph: 'X', name, pid: group(lane), tid: lane.number + 1, ...duration, args: details }
  }
  for (const { event, lane } of told) {
    const place = lane ? { pid: group(lane), tid: lane.number + 1 } : { pid: scenario, tid: scenarioThread }
    if (isInstant(event)) yield instant(event, place)
  }
  for (const verdict of run.verdicts.filter(failed)) {
    const at = { ts: (verdict.at ?? run.endedAt) / 1000, pid: scenario, tid: scenarioThread }
    const { title, expected, actual } = verdict
    yield { ph: 'i', s: 'g', name: `✗ ${title}`, ...at, args: { expected, actual } }
  }
  for (const message of messages) yield* flow(message, group, ++ids.flow)
  for (const { node, name, time, value } of countersOf(run)) {
    yield { ph: 'C', name, pid: groups.get(node) ?? scenario, ts: time / 1000, args: { value } }
  }
}

function* named(pid: number, name: string, order: number): Generator<Entry> {
  yield { ph: 'M', name: 'process_name', pid, args: { name } }
  yield { ph: 'M', name: 'process_sort_index', pid, args: { sort_index: order } }
}

function* thread(pid: number, tid: number, name: string): Generator<Entry> {
  yield { ph: 'M', name: 'thread_name', pid, tid, args: { name } }
  yield { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } }
}

/** What is neither a slice nor a counter. */
function isInstant({ kind }: TraceEvent): boolean {
  const drawn: readonly string[] = ['process.titled', 'client.acknowledged', 'transaction.committed', ...counterKinds]
  return !drawn.includes(kind)
}

function instant(event: TraceEvent, place: { readonly pid: number; readonly tid: number }): Entry {
  const { time, sequence, cause, kind, node: _node, pid: _pid, process: _process, ...fields } = event
  const all = ['fault.injected', 'order.given', 'note.shown'].includes(kind)
  const args = { ...fields, sequence, ...(cause === undefined ? {} : { cause }) }
  return { ph: 'i', s: all ? 'g' : 't', name: sentenceOf(event), cat: kind, ts: time / 1000, ...place, args }
}

/** Both ends lie in a slice of their lane: its life is one. */
function* flow(message: Message, group: (lane: Lane) => number, id: number): Generator<Entry> {
  const { kind, from, to, sentAt, receivedAt, text } = message
  const about = { name: text, cat: kind, id }
  yield { ph: 's', ...about, pid: group(from), tid: from.number + 1, ts: sentAt / 1000 }
  yield { ph: 'f', bp: 'e', ...about, pid: group(to), tid: to.number + 1, ts: receivedAt / 1000 }
}
