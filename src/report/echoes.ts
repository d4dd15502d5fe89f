// What the server's log says itself need not be said twice: an event is left out where a log line of the same node, at
// about the same time, tells it. Where the log is silent the event speaks.

import type { EventKind, TraceEvent } from '../model/trace.ts'
import { millisecond } from '../model/units.ts'

const toldBy: { readonly [K in EventKind]?: (event: TraceEvent<K>, message: string) => boolean } = {
  'node.starting': (_event, message) => message.startsWith('starting PostgreSQL'),
  'node.accepting': (_event, message) => message.startsWith('database system is ready to accept'),
  'node.refusing': (_event, message) => /terminating any other|received .* shutdown request/.test(message),
  'node.down': (_event, message) => message === 'database system is shut down',
  'process.exited': ({ pid }, message) => message.includes(`PID ${pid})`),
  'checkpoint.started': (_event, message) => message.startsWith('checkpoint starting'),
  'checkpoint.completed': (_event, message) => message.startsWith('checkpoint complete'),
  'vacuum.finished': ({ relation }, message) => message.startsWith('automatic vacuum') && message.includes(relation),
  'recovery.started': (_event, message) => message.startsWith('redo starts at'),
  'recovery.consistent': (_event, message) => message.startsWith('consistent recovery state'),
  'recovery.redo_done': (_event, message) => message.startsWith('redo done at'),
  'timeline.switched': (_event, message) => /^(selected new timeline|archive recovery complete)/.test(message),
  'recovery.paused': (_event, message) => /^(recovery has paused|pausing at the end)/.test(message),
  'log.written': () => true,
  'lock.waited': (_event, message) => message.includes('still waiting for'),
}

/** Whether a log line near by says the same. `at` is the event's place among the events. */
export function isToldByLog(events: readonly TraceEvent[], at: number): boolean {
  const event = events[at]
  const tells = toldBy[event.kind] as ((event: TraceEvent, message: string) => boolean) | undefined
  if (tells === undefined) return false
  return near(events, at, -1, event, tells) || near(events, at, 1, event, tells)
}

function near(
  events: readonly TraceEvent[],
  at: number,
  step: 1 | -1,
  event: TraceEvent,
  tells: (event: TraceEvent, message: string) => boolean,
): boolean {
  for (let other = at + step; other >= 0 && other < events.length; other += step) {
    const candidate = events[other]
    if (Math.abs(candidate.time - event.time) > 2 * millisecond) return false
    if (candidate.kind === 'log.line' && candidate.node === event.node && tells(event, candidate.message)) return true
  }
  return false
}
