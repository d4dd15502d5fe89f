// What repeats is summed up: events that say the same of several clients, processes or times become one line. This says
// which events those are, what makes two of them alike, and how the line of many reads.

import { formatCount, formatSeconds } from '../model/format.ts'
import { connectedTo, type EventKind, eventKinds, sentenceOf, type TraceEvent } from '../model/trace.ts'
import { second } from '../model/units.ts'
import { type Line, lineOf } from './line.ts'

/** Two events of one key are alike; undefined means that the event stands for itself. */
export function repeatKey(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'client.connected':
      return `${event.kind} ${event.client} ${event.again}`
    case 'client.error':
      return `${event.kind} ${event.client} ${event.message}`
    case 'client.acknowledged':
    case 'client.finished':
    case 'commit.lost':
    case 'commit.ghost':
      return `${event.kind} ${event.client}`
    case 'process.exited':
      return `${event.kind} ${event.node} ${event.code} ${event.signal}`
    case 'log.lost':
      return `${event.kind} ${event.node}`
    case 'log.line':
      return `${event.kind} ${event.node} ${event.process} ${event.level} ${event.message.replaceAll(/\d+/g, '#')}`
    default:
      return eventKinds[event.kind].level === 'lifecycle' ? undefined : `${event.kind} ${event.node} ${event.process}`
  }
}

/** The lines of events that are alike, in their order: one for all of them, unless they are few and each says its own. */
export function linesOfMany(events: readonly TraceEvent[]): readonly Line[] {
  const [first] = events
  const telling =
    ['process.started', 'log.line', 'client.finished'].includes(first.kind) ||
    eventKinds[first.kind].level !== 'lifecycle'
  if (telling && first.kind !== 'client.acknowledged' && events.length <= 3) return events.map(lineOf)
  return [lineOfMany(events)]
}

function lineOfMany(events: readonly TraceEvent[]): Line {
  const first = events[0]
  const last = events.at(-1)!
  if (first.kind === 'client.acknowledged') return commitsLine(events as readonly TraceEvent<'client.acknowledged'>[])
  const line = { ...lineOf(first), to: last.sequence }
  if (events.length === 1) return line
  switch (first.kind) {
    case 'client.connected': {
      const backends = (events as readonly TraceEvent<'client.connected'>[]).map(({ backend }) => backend)
      return {
        ...line,
        process: loopsOf(events),
        text: `${connectedTo(first)} (${backendsOf(backends)})`,
      }
    }
    case 'client.error': {
      const loops = new Set((events as readonly TraceEvent<'client.error'>[]).map(({ index }) => index))
      const times = loops.size < events.length ? ` (${timesOver(events)})` : ''
      return { ...line, process: loopsOf(events), text: sentenceOf(first) + times }
    }
    case 'client.finished': {
      const total = (events as readonly TraceEvent<'client.finished'>[]).reduce(
        (sum, { transactions }) => sum + transactions,
        0,
      )
      return { ...line, process: loopsOf(events), text: `finished after ${formatCount(total)} transactions in all` }
    }
    case 'commit.lost':
      return { ...line, process: loopsOf(events), text: `${formatCount(events.length)} acknowledged commits are lost` }
    case 'commit.ghost':
      return {
        ...line,
        process: loopsOf(events),
        text: `${formatCount(events.length)} commits are there, though nobody was told`,
      }
    case 'process.started':
      return { ...line, process: `×${events.length}`, text: `forked again: ${processesOf(events)}` }
    case 'process.exited':
      return { ...line, process: `×${events.length}`, text: `${line.text}: ${processesOf(events)}` }
    case 'log.line':
      return { ...line, text: `${line.text} (${timesOver(events)})` }
    default:
      return { ...line, text: `${line.text} (the first of ${timesOver(events)})` }
  }
}

function commitsLine(events: readonly TraceEvent<'client.acknowledged'>[]): Line {
  const first = events[0]
  const last = events.at(-1)!
  const each = events.reduce((sum, { latency }) => sum + latency, 0) / events.length
  const stretch = last.time - first.time
  const during = stretch > 0 ? ` in ${formatSeconds(stretch)}` : ''
  const text = `${formatCount(events.length)} ${events.length === 1 ? 'commit' : 'commits'}${during}, ${formatSeconds(Math.round(each))} each`
  return { who: first.client, process: '', text, tone: 'faint', more: [], from: first.sequence, to: last.sequence }
}

function timesOver(events: readonly TraceEvent[]): string {
  const stretch = events.at(-1)!.time - events[0].time
  return `${formatCount(events.length)} times${stretch > 0 ? ` in ${formatSeconds(stretch)}` : ''}`
}

/** Which loops of a client: ×8 for all of them from the first on, else [1] to [7], or [1], [3]. */
function loopsOf(events: readonly TraceEvent[]): string {
  const indexes = [...new Set((events as readonly TraceEvent<'client.connected'>[]).map(({ index }) => index))]
  indexes.sort((a, b) => a - b)
  if (indexes.length === 1) return `[${indexes[0]}]`
  const consecutive = indexes.at(-1)! - indexes[0] === indexes.length - 1
  if (consecutive && indexes[0] === 0) return `×${indexes.length}`
  if (consecutive && indexes.length > 2) return `[${indexes[0]}] to [${indexes.at(-1)}]`
  return indexes.length > 4 ? `×${indexes.length}` : indexes.map(index => `[${index}]`).join(', ')
}

function backendsOf(pids: readonly number[]): string {
  const sorted = [...pids].sort((a, b) => a - b)
  const consecutive = sorted.at(-1)! - sorted[0] === sorted.length - 1
  if (consecutive) return `backends ${sorted[0]} to ${sorted.at(-1)}`
  return sorted.length > 4 ? `${sorted.length} backends` : `backends ${sorted.join(', ')}`
}

/** The processes by name, several of a type by their number: "checkpointer 102, walwriter 104, 7 client backends". */
function processesOf(events: readonly TraceEvent[]): string {
  const byType = new Map<string, (number | undefined)[]>()
  for (const { type, pid } of events as readonly TraceEvent<'process.started'>[]) {
    byType.set(type, [...(byType.get(type) ?? []), pid])
  }
  const phrases = [...byType].map(([type, pids]) =>
    pids.length === 1 ? `${type} ${pids[0] ?? ''}`.trim() : `${pids.length} ${type}s`,
  )
  const stretch = events.at(-1)!.time - events[0].time
  return `${phrases.join(', ')}${stretch > second ? ` in ${formatSeconds(stretch)}` : ''}`
}

/** Told anyway: what a report of this level needs to be recorded besides the level's own kinds. */
export const alwaysNeeded: readonly EventKind[] = ['client.acknowledged']
