// docs/language.md says what is so: its examples load, and its lists are those of the code.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { typeCheck } from '../../src/checks/index.ts'
import { load, renderDiagnostics } from '../../src/dsl/index.ts'
import * as limits from '../../src/dsl/limits.ts'
import { ownNames } from '../../src/dsl/resolve/names.ts'
import { prepositions } from '../../src/model/scenario.ts'
import { eventKinds } from '../../src/model/trace.ts'
import { sizeUnits, timeUnits } from '../../src/model/units.ts'
import { vocabulary } from './vocabulary.ts'

const page = readFileSync('docs/language.md', 'utf8')
const examples = [...page.matchAll(/^```(drill|yaml)\n(.*?)^```$/gms)].map(([, spelling, text]) => ({ spelling, text }))

/** What an example that is no whole scenario speaks of. */
const prelude = `drill "x"
host small
node primary
standby s1 of primary
standby s2 of s1
client teller times 8 on primary $$ select 1; $$
at 1s kill backend of teller[0] with KILL as crash
`

/** Only what its own lines are wrong about; what is not modelled is refused rightly. */
function complaints(name: string, text: string): string {
  const source = { name, text }
  const { diagnostics } = load(source, vocabulary, { checkScenario: typeCheck })
  return renderDiagnostics(
    source,
    diagnostics.filter(({ code }) => code !== 'not-modelled'),
  )
}

describe('examples', () => {
  test('there are some in both spellings', () => {
    expect(new Set(examples.map(({ spelling }) => spelling))).toEqual(new Set(['drill', 'yaml']))
  })

  test.each(examples.map(({ spelling, text }, at) => [`${at + 1}.${spelling}`, text]))('%s', (name, text) => {
    expect(complaints(name, /^drill/.test(text) ? text : prelude + text)).toBe('')
  })
})

test('the diagnostics that it shows', () => {
  const [, shown] = /^```text\n(.*?)\n```$/ms.exec(page)!
  expect(readFileSync('test/dsl/malformed/several-errors.drill.expected.txt', 'utf8')).toContain(shown)
})

/** What the examples of single words speak of. */
const cast = `drill "x"
node primary
node other
standby s1 of other
standby s2 of other
client teller times 8 on primary $$ select 1; $$
session bert on primary { step a1 $$ x $$; step a2 $$ x $$; step b1 $$ x $$; step b2 $$ x $$; step open $$ x $$ }
link wan between s1, other
archive vault of other
at 1s note "x" as outage
at 1s start other as base
at 1s note "x" as partition
at 1s note "x" as blackout
at 1s note "x" as crash
at 1s note "x" as promotion
`

test.each(vocabulary.words.map(word => [word.name, word]))('the example of %s', (_, word) => {
  const declared = new Set(
    [...word.example.matchAll(/\b(?:node|standby|client|session|host|drill|step|link|archive|as) (\w+)/g)].map(
      ([, name]) => name,
    ),
  )
  const others = cast.split('\n').filter(line => {
    const names = [...line.matchAll(/(?:node|standby|client|session|link|archive|as) (\w+)/g)].map(([, name]) => name)
    const title = word.name === 'drill' && line.startsWith('drill')
    return !title && !names.some(name => declared.has(name)) && !(declared.has('a1') && line.startsWith('session'))
  })
  expect(
    complaints(
      'example.drill',
      `${others.join('\n')}\nhost small2\n${word.example}\n`.replace(' on small ', ' on small2 '),
    ),
  ).toBe('')
})

/** The names in backquotes of a paragraph. */
function listed(paragraph: RegExp): readonly string[] {
  const text = paragraph.exec(page)?.[0] ?? ''
  return [...text.matchAll(/`([\w-]+)`/g)].map(([, name]) => name)
}

test('the prepositions', () => {
  expect([...listed(/\*\*Prepositions\*\*.*?\)\. A/s)].sort()).toEqual([...prepositions].sort())
})

const reserved = ['at', 'when', 'then', 'that', 'and', 'or', 'not', 'in', 'where', 'always', 'never', 'eventually']

test('the reserved words', () => {
  expect(listed(/\*\*Reserved\*\*.*?quoted/s)).toEqual(reserved)
  expect(listed(/In conditions only.*?\n\n/s)).toEqual(reserved.slice(4))
})

test('the names that cannot be declared', () => {
  expect(listed(/slots have their own\..*?declared/s)).toEqual(ownNames)
})

test('the units', () => {
  expect(page).toContain(`\`${Object.keys(timeUnits).join(' ')}\``)
  expect(page).toContain(`\`${Object.keys(sizeUnits).join(' ')}\``)
})

test('the words whose labels have `.done`', () => {
  const lasting = vocabulary.words.filter(word => word.lasts).map(word => word.name)
  expect([...listed(/was finished; of .*?\);/s)].sort()).toEqual([...lasting].sort())
})

test('the budgets', () => {
  const { deepestNesting, mostTokensOfExpression, mostYamlNodes, mostVariants, mostStatements, mostDiagnostics } =
    limits
  for (const limit of [
    deepestNesting,
    mostTokensOfExpression,
    mostYamlNodes,
    mostVariants,
    mostStatements,
    mostDiagnostics,
  ]) {
    expect(page).toContain(limit.toLocaleString('en'))
  }
})

describe('no name of the language is reserved', () => {
  const phrase = [...prepositions, ...reserved]

  test('words and settings', () => {
    const names = vocabulary.words.flatMap(word => [word.name, ...Object.keys(word.settings ?? {})])
    expect([...names, 'do', 'set'].filter(name => phrase.includes(name))).toEqual([])
    expect(vocabulary.words.map(word => word.name).filter(name => ['do', 'set', 'script'].includes(name))).toEqual([])
  })

  test('what conditions speak of', () => {
    const fields = Object.values(eventKinds).flatMap(({ fields }) => Object.keys(fields))
    const properties = vocabulary.properties.flatMap(({ name, fields }) => [
      ...name.split('.'),
      ...Object.keys(fields ?? {}),
    ])
    const names = [...fields, ...properties, ...vocabulary.functions.map(({ name }) => name)]
    expect(names.filter(name => reserved.slice(4).includes(name))).toEqual([])
  })
})
