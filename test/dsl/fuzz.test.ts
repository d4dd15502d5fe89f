// No input makes the readers throw, hang, or place a diagnostic outside of the file: scenarios are mutated at random.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { convert, load, renderDiagnostics } from '../../src/dsl/index.ts'
import type { SourceFile } from '../../src/model/source.ts'
import { bare } from './bare.ts'
import { filesIn, read } from './files.ts'
import { vocabulary } from './vocabulary.ts'

const whole = filesIn('scenarios', /\.(drill|yaml)$/).map(read)
const broken = filesIn('test/dsl/malformed', /\.(drill|yaml)$/).map(read)
// Whole ones first: a mutation of them may leave a scenario, which is then converted and compared.
const sources = [...Array(10).fill(whole).flat(), ...broken.filter(({ text }) => text.length < 20_000)] as SourceFile[]

/** What is most likely to upset a reader. */
const pieces = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '(',
    ')',
    '$$',
    '$a$',
    '"',
    "'",
    '#',
    '\n',
    '\n\n',
    '\r\n',
    '\t',
    ',',
    ';',
    ':',
    '::',
    '=',
    '-',
  ),
  fc.constantFrom(
    '[',
    ']',
    '[0]',
    '&a ',
    '*a ',
    '<<: ',
    '!!str ',
    '---\n',
    '- ',
    '|\n',
    '>\n',
    '? ',
    '\\',
    '\0',
    '\ufeff',
    '%',
  ),
  fc.constantFrom(
    ' on ',
    ' at ',
    ' when ',
    ' then ',
    ' that ',
    ' where ',
    ' not ',
    ' and ',
    ' in ',
    ' always ',
    ' of ',
    'random(',
  ),
  fc.constantFrom(
    '5s',
    '5 s',
    '1h30min',
    '-',
    '99999999999999999999',
    '1e9',
    '.5',
    ':p',
    '__proto__',
    'constructor',
    '5MB/s',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
)

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 0, max: 40 }),
  kind: fc.constantFrom('insert', 'delete', 'replace', 'repeat', 'cut'),
  piece: pieces,
})

function mutated(
  { name, text }: SourceFile,
  mutations: readonly (typeof mutation extends fc.Arbitrary<infer T> ? T : never)[],
) {
  let out = text
  for (const { at, length, kind, piece } of mutations) {
    const start = Math.floor(at * out.length)
    const end = Math.min(out.length, start + length)
    if (kind === 'insert') out = out.slice(0, start) + piece + out.slice(start)
    else if (kind === 'delete') out = out.slice(0, start) + out.slice(end)
    else if (kind === 'replace') out = out.slice(0, start) + piece + out.slice(end)
    else if (kind === 'repeat') out = out.slice(0, end) + out.slice(start, end) + out.slice(end)
    else out = out.slice(0, start)
  }
  return { name, text: out }
}

function examine(source: SourceFile): void {
  const { scenarios, diagnostics } = load(source, vocabulary)
  expect(scenarios === undefined).toBe(diagnostics.length > 0)
  for (const { span, message, help } of diagnostics) {
    expect(span.start).toBeGreaterThanOrEqual(0)
    expect(span.end).toBeGreaterThanOrEqual(span.start)
    expect(span.start).toBeLessThanOrEqual(source.text.length)
    expect(`${message} ${help ?? ''}`).not.toMatch(/NaN|\[object|undefined|=>/)
  }
  renderDiagnostics(source, diagnostics)
  if (!scenarios) return
  const to = source.name.endsWith('.drill') ? 'yaml' : 'drill'
  const { text } = convert(source, vocabulary, to)
  expect(bare(load({ name: `x.${to}`, text: text! }, vocabulary).scenarios)).toEqual(bare(scenarios))
}

test('mutated scenarios give diagnostics, or scenarios that convert', () => {
  const input = fc.tuple(fc.constantFrom(...sources), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  fc.assert(
    fc.property(input, ([source, mutations]) => examine(mutated(source, mutations))),
    { seed: 42, numRuns: 800 },
  )
})

test('noise gives diagnostics', () => {
  const input = fc.tuple(fc.constantFrom('x.drill', 'x.yaml'), fc.array(pieces, { maxLength: 60 }))
  fc.assert(
    fc.property(input, ([name, parts]) => examine({ name, text: parts.join('') })),
    { seed: 42, numRuns: 400 },
  )
})
