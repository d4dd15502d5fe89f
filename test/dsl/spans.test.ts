// Places in the file: of expressions and scripts, however YAML folds, quotes and indents them.

import { describe, expect, test } from 'vitest'
import { load, renderDiagnostics } from '../../src/dsl/index.ts'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import type { Scenario, Script } from '../../src/model/scenario.ts'
import { positionOf } from '../../src/model/source.ts'
import { vocabulary } from './vocabulary.ts'

const head = 'drill: x\ncluster:\n  - node: primary\nchecks:\n  - expect: y\n'

describe('a wrong name is found in a condition that is', () => {
  test.each([
    ['plain', '    that: primary.up and primry.up\n'],
    ['plain over lines', '    that: primary.up\n      and\n      primry.up\n'],
    ['single-quoted', "    that: 'primary.timeline = ''x'' and primry.up'\n"],
    ['double-quoted', '    that: "primary.up \\x61nd\\u0020primry.up"\n'],
    ['double-quoted over lines', '    that: "primary.up and \\\n      primry.up"\n'],
    ['literal', '    that: |\n      primary.up\n        and primry.up\n'],
    ['folded', '    that: >-\n      primary.up and\n      primry.up\n'],
    ['indented by a number', '    that: |2\n        primary.up\n        and primry.up\n'],
    ['with CRLF', '    that: |\r\n      primary.up\r\n        and primry.up\r\n'],
  ])('%s', (_, that) => {
    const source = { name: 'x.yaml', text: head + that }
    const { diagnostics } = load(source, vocabulary)
    expect(diagnostics.map(({ code, span }) => [code, source.text.slice(span.start, span.end)])).toEqual([
      ['unknown-name', 'primry.up'],
    ])
  })
})

/** The places of all `@` in the scripts, as a check of SQL would tell them. */
function marks(name: string, text: string): readonly string[] {
  const source = { name, text }
  const check = (script: Script): Diagnostic[] =>
    script.text.split('\n').flatMap((line, at) => {
      const column = line.indexOf('@')
      if (column === -1) return []
      const start = script.lineStarts[at] + column
      return [{ code: 'sql', span: { start, end: start + 1 }, message: 'x' }]
    })
  const { diagnostics } = load(source, vocabulary, { checkSql: check, checkPgbench: check })
  return diagnostics.map(({ span }) => {
    const { line, column } = positionOf(source, span.start)
    return `${source.text.slice(span.start, span.end)} ${line}:${column}`
  })
}

test('scripts know where their lines are', () => {
  const drill = `drill "x"
node primary
setup on primary $$
    create table a ();
      @ 1
$$
client c on primary $$ select 1;
  @ 2 $$
at end expect "y" that query(primary, $$ @ 3 $$) = 1
`
  expect(marks('x.drill', drill)).toEqual(['@ 5:7', '@ 8:3', '@ 9:42'])
  const yaml = `drill: x
cluster:
  - node: primary
  - setup: |
      create table a ();
        @ 1
    on: primary
  - setup: "@ 2"
    on: primary
clients:
  - client: c
    on: primary
    script: |
      select 1;
      @ 3
`
  expect(marks('x.yaml', yaml)).toEqual(['@ 6:9', '@ 8:13', '@ 15:7'])
})

test('SQL is checked once, with the version that the variant has', () => {
  const text = `drill "x"
vary version over 15, 18
vary table over a, b
postgres :version
node primary
setup on primary $$ create table :table () $$
`
  const seen: string[] = []
  load({ name: 'x.drill', text }, vocabulary, {
    checkSql: (script, postgres) => {
      seen.push(`${postgres} ${script.text}`)
      return []
    },
  })
  expect(seen).toEqual(['15 create table a ()', '15 create table b ()', '18 create table a ()', '18 create table b ()'])
})

test('further checks see a scenario only if nothing else is wrong', () => {
  const seen: Scenario[] = []
  const checkScenario = (scenario: Scenario): Diagnostic[] => {
    seen.push(scenario)
    return [{ code: 'not-modelled', span: { start: 0, end: 5 }, message: 'not so fast' }]
  }
  const wrong = load({ name: 'x.drill', text: 'drill "x"\nnode a { fsnc = on }' }, vocabulary, { checkScenario })
  expect(wrong.diagnostics).toHaveLength(1)
  expect(seen).toEqual([])
  const right = load({ name: 'x.drill', text: 'drill "x"\nnode a' }, vocabulary, { checkScenario })
  expect(right).toMatchObject({ diagnostics: [{ message: 'not so fast' }] })
  expect(right.scenarios).toBeUndefined()
})

test('a long line is shown around the mistake, tabs and control characters as one column', () => {
  const text = `drill "x"\n${' '.repeat(200)}node\ta\tb\u0007\n`
  const source = { name: 'x.drill', text }
  const style = {
    error: (s: string) => `<${s}>`,
    help: (s: string) => `{${s}}`,
    dim: (s: string) => s,
    bold: (s: string) => s,
  }
  const rendered = renderDiagnostics(source, load(source, vocabulary).diagnostics, style)
  expect(rendered).toMatchInlineSnapshot(`
    "x.drill:2:209: <error[syntax]>: \`·\` means nothing here
     2 | …                                node a b·
       |                                          <^>
       {help:} other characters stand in quotes; \`#\` begins a comment
    "
  `)
})
