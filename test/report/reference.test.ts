// The page about events is written from the list of events; a stale copy fails here and is renewed with `vitest -u`.

import { expect, test } from 'vitest'
import { type EventKindDefinition, eventKinds, levels } from '../../src/model/trace.ts'
import { markdownTable } from './markdown.ts'

const records = markdownTable(
  ['`record`', 'what it is'],
  [
    [
      '`run`',
      'begins a run: `format` (this page is format 1), `pgdrill`, `file`, `title`, `postgres`, `variant`, `permutation`, `engine`, `seed`',
    ],
    ['`event`', 'an event, as below'],
    [
      '`verdict`',
      'a check: `title`, `place`, `outcome` (held, failed, undecided), `expected`, `actual`, `at`, `evidence` (sequence numbers)',
    ],
    ['`end`', 'ends it: `endedAt`, `eventCount`, `wallClock` where it was measured'],
  ],
)

const head = `# Events

Everything that a run tells is an event. \`--format ndjson\` writes them for other programs, one JSON object a line, and
\`schemas/ndjson.schema.json\` is the JSON Schema of a line:

${records}
Every event has \`time\` (nanoseconds since the start), \`sequence\` (orders events of one time), \`kind\`; where they apply
\`node\`, \`process\` (its type), \`pid\`, and \`cause\`, the sequence number of the event that led to it. Durations are
nanoseconds, sizes bytes, LSNs byte positions in the WAL. Fields are added over time, never changed. A field with a
question mark may be missing.
`

const meaning = {
  lifecycle: 'Always recorded.',
  activity: 'Recorded where `--detail activity`, a check or a trigger asks for them.',
  storage: 'Recorded where `--detail storage`, a check or a trigger asks for them.',
  samples:
    'Looks into a server, taken now and then by the simulation alone: recorded where `--detail samples` or a format asks\nfor them. Those that have a list have it as text, one a line with tabs between what is told of it.',
}

function reference(): string {
  const kinds = Object.entries(eventKinds) as unknown as readonly [string, EventKindDefinition][]
  const parts = levels.map(level => {
    const rows = kinds
      .filter(([, kind]) => kind.level === level)
      .map(([name, { fields }]) => [
        `\`${name}\``,
        Object.entries(fields)
          .map(([field, type]) => `\`${field}\` ${type}`)
          .join(', '),
      ])
    return `## ${level}\n\n${meaning[level]}\n\n${markdownTable(['kind', 'fields'], rows)}`
  })
  return [head, ...parts].join('\n')
}

test('docs/events.md tells of every kind', async () => {
  await expect(reference()).toMatchFileSnapshot('../../docs/events.md')
})
