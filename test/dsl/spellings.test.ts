// Both spellings say the same: what is written in both gives one tree, and converting forth and back changes nothing.

import { describe, expect, test } from 'vitest'
import { typeCheck } from '../../src/checks/index.ts'
import { convert, load, renderDiagnostics } from '../../src/dsl/index.ts'
import type { SourceFile } from '../../src/model/source.ts'
import { bare } from './bare.ts'
import { filesIn, read } from './files.ts'
import { vocabulary } from './vocabulary.ts'

const files = filesIn('scenarios', /\.(drill|yaml)$/)

function loaded(source: SourceFile): unknown {
  const { scenarios, diagnostics } = load(source, vocabulary, { checkScenario: typeCheck })
  expect(renderDiagnostics(source, diagnostics)).toBe('')
  return bare(scenarios)
}

test('there are scenarios', () => {
  expect(files.length).toBeGreaterThan(5)
})

describe.each(files)('%s', name => {
  const source = read(name)

  test('loads', () => {
    // One run for each value that `vary` lists.
    const values = /^vary \w+ over (.*)$/m.exec(source.text)?.[1]
    expect(loaded(source)).toHaveLength(values?.match(/"[^"]*"|[^\s,]+/g)?.length ?? 1)
  })

  test.each(['drill', 'yaml'] as const)('says the same as %s, and back again', to => {
    const there = convert(source, vocabulary, to)
    expect(there.diagnostics).toEqual([])
    const other = { name: `there.${to}`, text: there.text! }
    expect(loaded(other)).toEqual(loaded(source))
    const back = convert(other, vocabulary, to === 'drill' ? 'yaml' : 'drill')
    expect(loaded({ name: `back.${to === 'drill' ? 'yaml' : 'drill'}`, text: back.text! })).toEqual(loaded(source))
  })

  test('converting to its own spelling twice changes nothing the second time', () => {
    const own = name.endsWith('.yaml') ? 'yaml' : 'drill'
    const once = convert(source, vocabulary, own).text!
    expect(convert({ name, text: once }, vocabulary, own).text).toBe(once)
  })
})

const twins = files.filter(name => name.endsWith('.yaml') && files.includes(name.replace(/yaml$/, 'drill')))

test('some scenario is there in both spellings', () => {
  expect(twins.length).toBeGreaterThan(0)
})

test.each(twins)('%s and its .drill are one scenario', name => {
  expect(loaded(read(name))).toEqual(loaded(read(name.replace(/yaml$/, 'drill'))))
})

test('checks in a block with a lead are checks with that lead', () => {
  const drill = (checks: string) => ({ name: 'a.drill', text: `drill "a"\nnode p { }\n${checks}\nends 3s\n` })
  const [first, second] = ['expect "up" that p.accepting', 'expect "one" that 1 = 1']
  const together = loaded(drill(`at 2s { ${first}; ${second} }`)) as { checks: unknown }[]
  const apart = loaded(drill(`at 2s ${first}\nat 2s ${second}`)) as { checks: unknown }[]
  expect(together[0].checks).toEqual(apart[0].checks)
})
