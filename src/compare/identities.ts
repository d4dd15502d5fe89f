// What identifies an event: which of its fields both engines can know, and which are left out because they are of the
// one run. Kinds that stand here are compared; the others are samples on a real server, or told by its log as well.

import { connectedTo, type EventKind, eventKinds, sentenceOf, type TraceEvent } from '../model/trace.ts'
import type { Details, Entry } from './entry.ts'
import { plainOf, shapeOf } from './shape.ts'

interface Identity {
  readonly place?: string
  readonly process?: string
  readonly shape: string
  readonly text?: string
  readonly details?: Details
  readonly lane?: string
}

/** Types of processes of which a server has one at most at a time, so that their lines stand in one order. */
const single =
  /^(postmaster|startup|checkpointer|bgwriter|walwriter|walreceiver|archiver|logger|walsummarizer|autovacuum launcher|logical replication launcher|slotsync worker)$/

type Identities = { readonly [K in EventKind]?: (event: TraceEvent<K>) => Identity }

const identities: Identities = {
  'log.line': ({ node = '', process = '', level, message, ...more }) => ({
    shape: `${level}: ${shapeOf(message)}`,
    // The SQLSTATE of what is no error is 00000 and may be left out.
    details: detailsOf({ ...more, sqlstate: more.sqlstate === '00000' ? undefined : more.sqlstate }),
    ...(single.test(process) ? { lane: `log of ${node} ${process}` } : {}),
  }),

  // How a process ended is told by the postmaster's log; who looks at the process list sees only that it is gone.
  'process.started': ({ type }) => ({ process: type, shape: 'started' }),
  'process.exited': ({ type }) => ({ process: type, shape: 'exited' }),
  'node.starting': () => ({ shape: 'starting' }),
  'node.accepting': ({ writable }) => ({ shape: writable ? 'accepts connections' : 'accepts read-only connections' }),
  'node.refusing': () => ({ shape: 'accepts no more connections' }),
  'node.down': () => ({ shape: 'is down' }),
  'recovery.started': ({ timeline }) => ({ shape: `redo starts on timeline ${timeline}` }),
  'recovery.consistent': () => ({ shape: 'is consistent' }),
  'recovery.paused': () => ({ shape: 'replay is held' }),
  'recovery.redo_done': ({ timeline }) => ({ shape: `redo is done on timeline ${timeline}` }),
  // Where the log is silent, whoever next mentions the new timeline tells of it.
  'timeline.switched': ({ timeline }) => ({ process: 'startup', shape: `timeline ${timeline} begins` }),
  // Whether it is synchronous is told by the walsender's log at the moment itself; a view is looked at now and then.
  'replication.state': ({ standby, state }) => ({ shape: plainOf(`${standby} is ${state}`) }),
  'slot.changed': ({ slot, active, wal_status }) => ({
    shape: plainOf(`slot ${slot} is ${active ? 'active' : 'inactive'}, its WAL ${wal_status}`),
  }),

  'fault.injected': ({ text, hits }) => timeline(`${text}${hits === 0 ? ': it hit nothing' : ''}`),
  'order.given': ({ text }) => timeline(text),
  'fault.undone': ({ text }) => ({ place: '', shape: `${shapeOf(text)} is over` }),
  'action.missed': ({ text, reason }) => ({ place: '', shape: shapeOf(`${text}: ${reason}`) }),
  'label.reached': event => ({ place: '', shape: sentenceOf(event) }),

  'client.connected': event => ({ place: event.client, shape: connectedTo(event) }),
  'client.acknowledged': ({ client }) => ({ place: client, shape: 'commit acknowledged' }),
  'client.error': ({ client, level, message }) => ({
    place: client,
    process: 'client',
    shape: `${level}: ${shapeOf(message)}`,
  }),
  'client.finished': ({ client }) => ({ place: client, shape: 'finished' }),
  'commit.lost': ({ client }) => ({ place: client, shape: 'acknowledged commit is lost' }),
  'commit.ghost': ({ client }) => ({ place: client, shape: 'commit is there, though nobody was told' }),

  'step.started': ({ session, step, sql }) => ({ ...stepOf(session), shape: `${step}: ${sql.replace(/\s+/g, ' ')}` }),
  'step.waited': ({ session, step, blocker }) => ({
    ...stepOf(session),
    shape: `${step} waits${blocker === undefined ? '' : ` for ${blocker}`}`,
  }),
  'step.notice': ({ session, step, level, message }) => ({
    ...stepOf(session),
    shape: `${step}: ${level}: ${shapeOf(message)}`,
  }),
  'step.notified': ({ session, step, channel, payload, sender }) => ({
    ...stepOf(session),
    shape: `${step}: NOTIFY "${channel}" with payload "${payload}" from ${sender ?? 'another backend'}`,
  }),
  'step.finished': ({ session, step, sqlstate, message, value, tag }) => ({
    ...stepOf(session),
    shape: sqlstate === undefined ? `${step} done` : `${step}: ${sqlstate} ${shapeOf(message ?? '')}`,
    text: sqlstate === undefined ? `${step} done${value === undefined ? '' : `: ${value}`}` : `${step}: ${message}`,
    details: detailsOf({ tag, value: value === undefined ? undefined : plainOf(value) }),
  }),

  // What a logical slot hands out is what was asked for, but for the ids of transactions.
  'change.received': ({ slot, data }) => ({
    place: slot,
    shape: plainOf(data.replace(/^(BEGIN|COMMIT) \d+/, '$1 <xid>')),
    lane: `changes of ${slot}`,
  }),
}

/** What pgdrill does and says itself, of a cluster of either engine: always told. */
export const ownKinds: ReadonlySet<EventKind> = new Set<EventKind>([
  'fault.injected',
  'order.given',
  'fault.undone',
  'action.missed',
  'label.reached',
  'client.connected',
  'client.acknowledged',
  'client.error',
  'client.finished',
  'commit.lost',
  'commit.ghost',
  'step.started',
  'step.waited',
  'step.notice',
  'step.notified',
  'step.finished',
  'change.received',
])

/** Of the kinds that are given, those that have an identity. */
export function entriesOf(events: readonly TraceEvent[], kinds: ReadonlySet<EventKind>): readonly Entry[] {
  const lives = livesOf(events)
  const entries = events.filter(({ kind }) => kinds.has(kind)).flatMap(event => entryOf(event, lives.get(event)) ?? [])
  return withReasons(entries)
}

function entryOf(event: TraceEvent, lived: number | undefined): Entry | undefined {
  const identify = identities[event.kind] as ((event: TraceEvent) => Identity) | undefined
  if (identify === undefined) return undefined
  const { kind, time, sequence, node = '', process = '' } = event
  const text = eventKinds[kind].level === 'lifecycle' ? sentenceOf(event) : undefined
  const common = { kind, time, sequence, place: node, process, details: {}, text: text ?? kind }
  return { ...common, ...(lived === undefined ? {} : { lived }), ...identify(event) }
}

/** How long the process lives of which the event tells the start or the end, or a slot is what it tells of; in nanoseconds. */
function livesOf(events: readonly TraceEvent[]): ReadonlyMap<TraceEvent, number> {
  const lives = new Map<TraceEvent, number>()
  const living = new Map<string, TraceEvent>()
  const lasting = new Map<string, TraceEvent>()
  for (const event of events) {
    if (event.kind === 'slot.changed') {
      const slot = `${event.node} ${event.slot}`
      const before = lasting.get(slot)
      if (before) lives.set(before, event.time - before.time)
      lasting.set(slot, event)
    }
    const who = `${event.node} ${event.pid}`
    if (event.kind === 'process.started') living.set(who, event)
    const start = event.kind === 'process.exited' ? living.get(who) : undefined
    if (start) for (const each of [start, event]) lives.set(each, event.time - start.time)
  }
  return lives
}

/** A checkpoint says why when it starts, and not when it is complete: its end is given the reason of its start. */
function withReasons(entries: readonly Entry[]): readonly Entry[] {
  const reasons = new Map<string, string>()
  return entries.map(entry => {
    if (entry.kind !== 'log.line') return entry
    const starting = /^LOG: (?:checkpoint|restartpoint) starting: (.*)$/.exec(entry.shape)
    if (starting) reasons.set(entry.place, starting[1])
    if (!/^LOG: (?:checkpoint|restartpoint) complete: /.test(entry.shape)) return entry
    return { ...entry, shape: entry.shape.replace(' complete: ', ` complete [${reasons.get(entry.place) ?? ''}]: `) }
  })
}

/** Faults and orders are given by one hand. */
function timeline(text: string): Identity {
  return { place: '', shape: shapeOf(text), lane: 'timeline' }
}

function stepOf(session: string): { readonly place: string; readonly lane: string } {
  return { place: session, lane: `steps of ${session}` }
}

function detailsOf(all: object): Details {
  const told = ['sqlstate', 'detail', 'hint', 'context', 'statement', 'tag', 'value'].flatMap(name => {
    const text = (all as Readonly<Record<string, string | undefined>>)[name]
    if (text === undefined) return []
    return [[name, name === 'tag' || name === 'value' || name === 'sqlstate' ? text : shapeOf(text)] as const]
  })
  return Object.fromEntries(told)
}
