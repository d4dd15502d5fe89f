// The JSON Schema of what `--format ndjson` writes, a line at a time, from the list of event kinds.

import { type EventKindDefinition, eventKinds } from '../src/model/trace.ts'

type Schema = Readonly<Record<string, unknown>>

const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }

/** By the type of an event's field. */
const fieldTypes: Readonly<Record<string, Schema>> = {
  text,
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  duration: { type: 'number', description: 'Nanoseconds.' },
  size: { type: 'number', description: 'Bytes.' },
  lsn: { ...count, description: 'A byte position in the WAL.' },
}

export function ndjsonSchema(): Schema {
  const kinds = Object.entries(eventKinds) as unknown as readonly [string, EventKindDefinition][]
  const records = { run, verdict, end }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A line of pgdrill run --format ndjson',
    description: 'Fields are added over time, never changed; whoever reads this passes over what it does not know.',
    type: 'object',
    required: ['record'],
    properties: { record: { enum: ['run', 'event', 'verdict', 'end'] } },
    allOf: [
      ...Object.entries(records).map(([name, record]) => when('record', name, record)),
      when('record', 'event', {
        ...event,
        properties: { ...event.properties, kind: { enum: kinds.map(([kind]) => kind) } },
      }),
      ...kinds.map(([kind, { fields }]) => when('kind', kind, fieldsOf(fields))),
    ],
  }
}

function when(field: string, value: string, then: Schema): Schema {
  return { if: { required: [field], properties: { [field]: { const: value } } }, then }
}

/** Of the event kinds' fields; a question mark may be missing. */
function fieldsOf(fields: EventKindDefinition['fields']): Schema {
  const entries = Object.entries(fields)
  return {
    required: entries.filter(([, type]) => !type.endsWith('?')).map(([name]) => name),
    properties: Object.fromEntries(entries.map(([name, type]) => [name, fieldTypes[type.replace('?', '')]])),
  }
}

const run = {
  description: 'Begins a run.',
  required: ['format', 'pgdrill', 'file', 'title', 'postgres', 'variant', 'engine', 'seed'],
  properties: {
    format: { const: 1 },
    pgdrill: { ...text, description: "pgdrill's version." },
    file: text,
    title: text,
    postgres: { ...count, description: "PostgreSQL's major version." },
    variant: { type: 'object', additionalProperties: text, description: 'The values of the parameters.' },
    permutation: text,
    engine: { enum: ['simulated', 'postgres'] },
    seed: count,
  },
}

const event = {
  description: 'Something that happened.',
  required: ['time', 'sequence', 'kind'],
  properties: {
    time: { ...count, description: 'Nanoseconds since the start of the run.' },
    sequence: { type: 'integer', minimum: 1, description: 'Orders events of one time.' },
    cause: { type: 'integer', minimum: 1, description: 'The sequence number of the event that led to this one.' },
    node: text,
    pid: { type: 'integer' },
    process: { ...text, description: 'The type of the process.' },
  },
}

const verdict = {
  description: 'What a check came to.',
  required: ['title', 'outcome', 'expected', 'actual', 'evidence', 'place'],
  properties: {
    title: text,
    outcome: { enum: ['held', 'failed', 'undecided'] },
    expected: text,
    actual: text,
    at: { ...count, description: 'Nanoseconds since the start of the run.' },
    needed: { ...text, description: 'The kind of events that it would be decided by, where none was told.' },
    evidence: {
      type: 'array',
      items: { type: 'integer', minimum: 1 },
      description: 'Sequence numbers of the events that decided it.',
    },
    place: { ...text, description: 'File and line.' },
  },
}

const end = {
  description: 'Ends the run.',
  required: ['endedAt', 'eventCount'],
  properties: {
    endedAt: { ...count, description: 'Nanoseconds since the start of the run.' },
    eventCount: { ...count, description: 'Events told in all, those that were not recorded included.' },
    recovery: {
      type: 'object',
      description: 'What a crash or a failover has cost, if there was one.',
      properties: {
        point: {
          type: 'object',
          description: 'Only where a check wanted to know which commits are there.',
          required: ['time', 'ledger'],
          properties: {
            time: {
              ...count,
              description: 'Nanoseconds from the first lost acknowledgement to the fault; 0: none is lost.',
            },
            ledger: {
              type: 'array',
              items: {
                type: 'object',
                required: ['client', 'acknowledged', 'lost', 'ghosts'],
                properties: {
                  client: text,
                  acknowledged: count,
                  lost: count,
                  ghosts: { ...count, description: 'There, though nobody was told.' },
                },
              },
            },
          },
        },
        time: {
          type: 'object',
          required: ['time', 'from', 'ended'],
          properties: {
            time: {
              ...count,
              description: 'Nanoseconds without an acknowledged commit, up to the next one or to the end of the run.',
            },
            from: {
              ...count,
              description:
                'When that began: with the fault, or with the last commit after it; nanoseconds since the start of the run.',
            },
            ended: { type: 'boolean', description: 'Whether a commit was acknowledged again.' },
          },
        },
      },
    },
    wallClock: { ...count, description: 'How long playing it took, in nanoseconds, where that was measured.' },
  },
}
