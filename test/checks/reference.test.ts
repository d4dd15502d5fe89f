// The page about conditions is written from the vocabulary; a stale copy fails here and is renewed with `vitest -u`.

import { expect, test } from 'vitest'
import { functions, properties } from '../../src/checks/index.ts'
import type { PropertyDefinition } from '../../src/model/vocabulary.ts'
import { markdownTable } from '../report/markdown.ts'

const head = `# Conditions

What \`that\`, \`when\` and \`where\` can speak of. A path begins with something that the scenario declares, or is one of the
sets that belong to no single thing. Conditions are SQL's: \`and\`, \`or\`, \`not\`, \`=\`, \`<>\`, \`<\`, \`in (…)\`, \`~\`, and three
truth values; a missing value is null. Units must fit: \`primary.pg_wal.free < 16MB\`, \`app.rto < 10s\`.

A property is the value at the instant. A set sees the window of the check up to the instant; any set takes \`where\`,
inside which a bare name is the element's field.
`

const things = {
  node: 'A node: `primary.accepting`',
  client: 'A client: `teller.lost` of all its loops, `teller[3].lost` of one',
  step: 'A step: `a2.waited`',
  session: 'A session',
  label: 'A label: `crash` is the moment itself',
  top: 'Of no single thing: `events`',
} as const

function rowOf({ name, dimension, summary, fields, notModelled }: PropertyDefinition): readonly string[] {
  const list =
    fields &&
    ` (${Object.keys(fields)
      .map(field => `\`${field}\``)
      .join(', ')})`
  const refused = notModelled === undefined ? '' : `; **not observed yet**: ${notModelled}`
  return [`\`${name}\``, dimension, `${summary}${list ?? ''}${refused}`]
}

function reference(): string {
  const sections = (Object.keys(things) as (keyof typeof things)[]).flatMap(thing => {
    const rows = properties.filter(({ of }) => of === thing).map(rowOf)
    return rows.length === 0 ? [] : `## ${things[thing]}\n\n${markdownTable(['property', 'is', 'what it is'], rows)}`
  })
  const calls = functions.map(({ name, takes, optionalFrom = takes.length, gives, summary }) => {
    const list = takes
      .map((type, at) => (type === 'sets' ? 'set, set, …' : at < optionalFrom ? type : `${type}?`))
      .join(', ')
    return [`\`${name}(${list})\``, takes.includes('field') ? 'as the field' : gives, summary]
  })
  return [head, ...sections, `## Functions\n\n${markdownTable(['call', 'is', 'what it is'], calls)}`].join('\n')
}

test('docs/conditions.md tells of every property and function', async () => {
  await expect(reference()).toMatchFileSnapshot('../../docs/conditions.md')
})
