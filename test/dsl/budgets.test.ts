// Bad input of any size and shape becomes diagnostics, and soon: no bomb, no endless loop, no overflow of the stack.

import { describe, expect, test } from 'vitest'
import { convert, load, renderDiagnostics } from '../../src/dsl/index.ts'
import type { SourceFile } from '../../src/model/source.ts'
import { vocabulary } from './vocabulary.ts'

const head = 'drill "x"\nnode primary\n'
const many = 10_000
const repeat = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('')

const heavy: Readonly<Record<string, string>> = {
  'statements.drill': head + repeat(many, at => `at ${at}ms note "number ${at}" as n${at}\n`),
  'statements.yaml': `drill: x\ntimeline:\n${repeat(many, at => `  - { at: ${at}ms, note: "number ${at}" }\n`)}`,
  'wrong-statements.drill': head + repeat(many, at => `at ${at} nte "number ${at}\n`),
  'wrong-statements.yaml': `drill: x\ntimeline:\n${repeat(many, at => `  - { at: ${at}, nte: "number ${at}" }\n`)}`,
  'checks.drill': head + repeat(many, at => `expect "e${at}" that primary.up and primary.connections < ${at}\n`),
  'blocks.drill': head + '{'.repeat(100_000),
  'nested-blocks.drill': head + 'at 1s { '.repeat(20_000),
  'closing.drill': head + '}'.repeat(100_000),
  'parentheses.drill': `${head}expect "x" that ${'('.repeat(100_000)}1`,
  'signs.drill': `${head}expect "x" that ${'- '.repeat(100_000)}1`,
  'negations.drill': `${head}expect "x" that ${'not '.repeat(100_000)}primary.up`,
  'chain.drill': `${head}expect "x" that ${'primary.up or '.repeat(50_000)}primary.up`,
  'values.drill': `${head}teaches ${'a, '.repeat(100_000)}a`,
  'calls.drill': `${head}at ${'random('.repeat(50_000)} note "x"`,
  'tags.drill': head + repeat(100_000, at => `$t${at}$\n\n`),
  'quotes.drill': head + '"\n'.repeat(200_000),
  'characters.drill': head + '\\ ? '.repeat(200_000),
  'newlines.drill': head + '\n'.repeat(1_000_000),
  'comments.drill': head + '# x\n'.repeat(200_000),
  'spaces.drill': head + ' '.repeat(1_000_000),
  'lists.yaml': '['.repeat(100_000),
  'maps.yaml': '{a: '.repeat(100_000),
  'items.yaml': '- '.repeat(100_000),
  'keys.yaml': repeat(50_000, at => `k${at}: 1\n`),
  'aliases.yaml': `drill: &a [${'x,'.repeat(100)}]\n${repeat(60, at => `b${at}: &b${at} [${`*${at ? `b${at - 1}` : 'a'},`.repeat(10)}]\n`)}`,
  'many-aliases.yaml': `drill: &a x\nteaches: [${'*a, '.repeat(50_000)}]\n`,
  'own-alias.yaml': 'drill: x\ntimeline: &a\n  - *a\n',
  'document.yaml': `drill: x\ncluster:\n${'  - do:\n'.repeat(10)}`,
  'deep-do.yaml': `drill: x\ntimeline: ${'[{at: 1s, do: '.repeat(5_000)}`,
  'variants.drill': `${head}${repeat(12, at => `vary p${at} over 1, 2, 3, 4, 5\n`)}`,
  'variants-of-many.drill': `${head}vary p over ${Array.from({ length: 256 }, (_, at) => at).join(', ')}\n${repeat(5_000, at => `at ${at}ms note "x"\n`)}`,
  'unfinished-matrix.yaml': `drill: x\nvary: { ${repeat(300, at => `p${at}: [1, 2], `)} }`,
  'moments.drill': head + repeat(5_000, at => `at l${at} + 1s note "x" as l${at + 1}\n`),
}

/** Milliseconds of this process, because other work on the machine is no fault of the reader's. */
function timed(source: SourceFile) {
  const begun = process.cpuUsage()
  const loaded = load(source, vocabulary)
  const { user, system } = process.cpuUsage(begun)
  return { ...loaded, took: (user + system) / 1000 }
}

describe.each(Object.entries(heavy))('%s', (name, text) => {
  test('takes less than a second', () => {
    const source = { name, text: text.slice(0, 1_048_576) }
    const { diagnostics, scenarios, took } = timed(source)
    expect(scenarios !== undefined || diagnostics.length > 0).toBe(true)
    expect(renderDiagnostics(source, diagnostics)).not.toMatch(/undefined|NaN|\[object/)
    // Once more if it was slow: the first time compiles.
    expect(took < 1_000 ? took : timed(source).took).toBeLessThan(1_000)
  })
})

test('ten thousand statements are a scenario', () => {
  const { scenarios } = load({ name: 'x.drill', text: heavy['statements.drill'] }, vocabulary)
  expect(scenarios?.[0].timeline).toHaveLength(many)
})

test('a file above the budget is refused before it is read', () => {
  const { diagnostics } = load({ name: 'x.yaml', text: 'x'.repeat(2_000_000) }, vocabulary)
  expect(diagnostics.map(({ code }) => code)).toEqual(['too-large'])
})

test.each(['x.drill', 'x.yaml'])('%s: an empty file wants a title', name => {
  const { diagnostics } = load({ name, text: '' }, vocabulary)
  expect(diagnostics.map(({ code }) => code)).toEqual(['missing'])
  expect(convert({ name, text: '' }, vocabulary, 'yaml').text).toBeUndefined()
})

test.each(['\ufeffdrill "x"\r\nnode primary\r\n\r\nat 5s\tnote "y"\r\n', 'drill "x"\nnode primary\nat 5s note "y"'])(
  'a byte order mark, CRLF and tabs change nothing',
  text => {
    const { scenarios, diagnostics } = load({ name: 'x.drill', text }, vocabulary)
    expect(diagnostics).toEqual([])
    expect(scenarios?.[0]).toMatchObject({ title: 'x', timeline: [{ word: 'note', about: [{ text: 'y' }] }] })
  },
)

test('CRLF and a byte order mark in YAML change nothing', () => {
  const text = '\ufeffdrill: x\r\ntimeline:\r\n  - at: 5s\r\n    note: y\r\n'
  const { scenarios, diagnostics } = load({ name: 'x.yaml', text }, vocabulary)
  expect(diagnostics).toEqual([])
  expect(scenarios?.[0]).toMatchObject({ title: 'x', timeline: [{ word: 'note', about: [{ text: 'y' }] }] })
})
