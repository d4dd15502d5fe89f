// Malformed scenarios, each with its diagnostics beside it. `npx vitest run test/dsl/malformed.test.ts -u` rewrites them;
// read what changes: these texts are what people see.

import { expect, test } from 'vitest'
import { load, renderDiagnostics } from '../../src/dsl/index.ts'
import { filesIn, read } from './files.ts'
import { vocabulary } from './vocabulary.ts'

const folder = 'test/dsl/malformed'
const files = filesIn(folder, /\.(drill|yaml)$/)

test('there are more than a hundred', () => {
  expect(files.length).toBeGreaterThan(100)
})

test('no expectation is left over', () => {
  const expected = filesIn(folder, /\.expected\.txt$/).map(name => name.replace(/\.expected\.txt$/, ''))
  expect(expected.filter(name => !files.includes(name))).toEqual([])
})

test.each(files)('%s', async name => {
  const source = { ...read(name), name: name.slice(folder.length + 1) }
  const begun = performance.now()
  const { diagnostics, scenarios } = load(source, vocabulary)
  // What grows without bound takes minutes; a busy machine is slow.
  expect(performance.now() - begun).toBeLessThan(10_000)
  expect(scenarios).toBeUndefined()
  expect(diagnostics.length).toBeGreaterThan(0)
  for (const { span } of diagnostics) {
    expect(span.start).toBeGreaterThanOrEqual(0)
    expect(span.end).toBeGreaterThanOrEqual(span.start)
    expect(span.end).toBeLessThanOrEqual(Math.max(1, source.text.length))
  }
  await expect(renderDiagnostics(source, diagnostics)).toMatchFileSnapshot(`malformed/${source.name}.expected.txt`)
})
