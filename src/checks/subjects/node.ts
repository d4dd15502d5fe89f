// What can be said of a node: its state as its own events tell it, its log, its events.

import type { EventKind, TraceEvent } from '../../model/trace.ts'
import type { Dimension, PropertyDefinition } from '../../model/vocabulary.ts'
import { onNode } from './presence.ts'
import { type EventSetSubject, following, type PropertySubject, type Steps } from './subject.ts'

function property(name: string, dimension: Dimension, summary: string, steps: Steps): PropertySubject {
  return following({ of: 'node', name, dimension, summary }, onNode, steps)
}

const volumeStep = (field: 'used' | 'size' | 'free'): Steps => ({
  'volume.changed': ({ volume, used, size }, value) => {
    if (volume !== 'pg_wal') return value
    if (field === 'used') return used
    if (size === undefined) return null
    return field === 'size' ? size : size - used
  },
})

const ready: Steps = {
  'node.starting': (event, value) => event.archive_ready ?? value ?? 0,
  'archive.queued': event => event.ready,
  'archive.done': event => event.ready,
}

const slot = (event: TraceEvent<'slot.changed'>, wild: readonly string[]) => event.slot === wild[0]

export const nodeProperties: readonly PropertySubject[] = [
  property('up', 'boolean', 'whether its postmaster runs', {
    'node.starting': () => true,
    'node.down': () => false,
  }),
  property('accepting', 'boolean', 'whether it lets new clients in', {
    'node.starting': () => false,
    'node.accepting': () => true,
    'node.refusing': () => false,
    'node.down': () => false,
  }),
  property('writable', 'boolean', 'whether it lets new clients in and takes their writes', {
    'node.starting': () => false,
    'node.accepting': event => event.writable,
    'node.refusing': () => false,
    'node.down': () => false,
  }),
  property('in_recovery', 'boolean', 'whether it replays WAL, as pg_is_in_recovery() says', {
    'recovery.started': () => true,
    'node.accepting': event => !event.writable,
  }),
  property('timeline', 'number', 'the timeline that it is on', {
    'node.starting': (_event, value) => value ?? 1,
    'recovery.started': event => event.timeline,
    'timeline.switched': event => event.timeline,
  }),
  property('lsn', 'lsn', 'how far its WAL is flushed, or on a standby replayed', {
    'recovery.started': event => event.redo,
    'wal.flushed': event => event.lsn,
    'wal.replayed': event => event.lsn,
  }),
  property('pg_wal.used', 'size', 'what its pg_wal holds', volumeStep('used')),
  property('pg_wal.free', 'size', "what is left on pg_wal's volume, where it has a size", volumeStep('free')),
  property('pg_wal.size', 'size', "the size of pg_wal's volume, where it has one", volumeStep('size')),
  property('slots.*.wal_status', 'text', "the slot's wal_status, as pg_replication_slots has it", {
    'slot.changed': (event, value, target) => (slot(event, target.wild) ? event.wal_status : value),
  }),
  property('slots.*.active', 'boolean', 'whether somebody reads from the slot', {
    'slot.changed': (event, value, target) => (slot(event, target.wild) ? event.active : value),
  }),
  property('archive.ready', 'number', 'segments that wait for the archiver', ready),
]

export const nodeSets: readonly EventSetSubject[] = [
  {
    definition: { of: 'node', name: 'log', summary: "the lines of the server's log", dimension: 'set' },
    kinds: ['log.line' satisfies EventKind],
    contains: onNode,
  },
  {
    definition: { of: 'node', name: 'events', summary: 'everything that happens on the node', dimension: 'set' },
    contains: onNode,
  },
]

export const nodeNotModelled: readonly PropertyDefinition[] = [
  {
    of: 'node',
    name: 'settings.*',
    summary: 'the value of a setting',
    dimension: 'any',
    notModelled: 'ask the server: query(node, $$show work_mem$$)',
  },
  {
    of: 'node',
    name: 'locks',
    summary: 'heavyweight locks',
    dimension: 'set',
    notModelled: "count the waits instead: events where kind = 'lock.waited'",
  },
]
