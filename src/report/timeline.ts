// The lines of the timeline: what is new gets a line, what repeats is summed up, what the log says is not said twice.

import { eventKinds, type Level, levels, type TraceEvent } from '../model/trace.ts'
import { isToldByLog } from './echoes.ts'
import { type Line, lineOf } from './line.ts'
import { alwaysNeeded, linesOfMany, repeatKey } from './repeats.ts'

/** The events in order; those of finer levels than `detail` are left out. */
export function timelineOf(events: readonly TraceEvent[], detail: Level): readonly Line[] {
  const timeline = new Timeline()
  for (const event of worthTelling(events, detail)) timeline.add(event)
  return timeline.finish()
}

/** What is of this level, and not told by another event beside it. */
export function worthTelling(events: readonly TraceEvent[], detail: Level): readonly TraceEvent[] {
  const shown = events.filter(event => isShown(event, detail))
  const connected = new Set(
    shown.flatMap(event => (event.kind === 'client.connected' ? `${event.node} ${event.backend}` : [])),
  )
  const labels = new Set(
    shown.flatMap(event =>
      event.kind === 'fault.injected' || event.kind === 'order.given' ? (event.label ?? []) : [],
    ),
  )
  const withBackends = new Set<string | undefined>()
  return shown.filter((event, at) => {
    if (event.kind === 'process.started' && connected.has(`${event.node} ${event.pid}`)) {
      // A node's first backend is news; of the others their clients tell.
      if (withBackends.has(event.node)) return false
      withBackends.add(event.node)
    }
    // Its fault or order says the label.
    if (event.kind === 'label.reached' && !event.done && labels.has(event.label)) return false
    return !isToldByLog(shown, at) && !isQuietStep(shown, at)
  })
}

function isShown(event: TraceEvent, detail: Level): boolean {
  return levels.indexOf(eventKinds[event.kind].level) <= levels.indexOf(detail) || alwaysNeeded.includes(event.kind)
}

/** A step that ended well, without having waited and without anything to show: its start says it all. */
function isQuietStep(events: readonly TraceEvent[], at: number): boolean {
  const event = events[at]
  if (event.kind !== 'step.finished' || event.sqlstate !== undefined || event.value !== undefined) return false
  for (let other = at - 1; other >= 0; other--) {
    const before = events[other]
    if (!('step' in before) || before.step !== event.step) continue
    // COMMIT of a failed transaction answers ROLLBACK, and that is worth a line.
    if (before.kind === 'step.started') return event.tag !== 'ROLLBACK' || !/\b(commit|end)\b/i.test(before.sql)
    if (before.kind === 'step.waited') return false
  }
  return false
}

class Timeline {
  private readonly lines: Line[] = []
  /** Events that are alike, by their key, in the order of their first. */
  private readonly groups = new Map<string, TraceEvent[]>()
  /** Commits wait longer than other groups: an interruption that does not concern clients does not part them. */
  private readonly commits = new Map<string, TraceEvent[]>()
  private readonly startedBefore = new Set<string>()

  add(event: TraceEvent): void {
    const key = this.keyOf(event)
    if (key === undefined) this.addSingle(event)
    else if (event.kind === 'client.acknowledged') join(this.commits, key, event)
    else {
      if (!this.groups.has(key)) {
        if (interrupts(event)) this.flushCommits()
        if (event.kind === 'log.line') this.flush(this.groups)
      }
      join(this.groups, key, event)
    }
  }

  finish(): readonly Line[] {
    this.flush(this.groups, this.commits)
    return this.lines
  }

  /** The first process of a type is news; its successors are alike. */
  private keyOf(event: TraceEvent): string | undefined {
    if (event.kind !== 'process.started') return repeatKey(event)
    const name = `${event.node} ${event.type}`
    if (this.startedBefore.has(name)) return `${event.kind} ${event.node} again`
    this.startedBefore.add(name)
    return undefined
  }

  private addSingle(event: TraceEvent): void {
    if (interrupts(event)) this.flushCommits()
    this.flush(this.groups)
    this.lines.push(lineOf(event))
  }

  /** What began before the commits is told before them. */
  private flushCommits(): void {
    if (this.commits.size > 0) this.flush(this.groups, this.commits)
  }

  private flush(...all: readonly Map<string, TraceEvent[]>[]): void {
    const lines = all.flatMap(groups => [...groups.values()]).flatMap(linesOfMany)
    for (const line of lines.sort((one, other) => one.from - other.from)) this.lines.push(line)
    for (const groups of all) groups.clear()
  }
}

function join(groups: Map<string, TraceEvent[]>, key: string, event: TraceEvent): void {
  const group = groups.get(key)
  if (group) group.push(event)
  else groups.set(key, [event])
}

/** What clients do not go on through unmoved. */
function interrupts(event: TraceEvent): boolean {
  switch (event.kind) {
    case 'fault.injected':
    case 'fault.undone':
    case 'order.given':
    case 'label.reached':
    case 'note.shown':
    case 'client.connected':
    case 'client.error':
    case 'client.finished':
    case 'commit.lost':
    case 'commit.ghost':
    case 'node.down':
    case 'node.refusing':
    case 'node.starting':
      return true
    case 'log.line':
      return ['WARNING', 'ERROR', 'FATAL', 'PANIC'].includes(event.level)
    default:
      return false
  }
}
