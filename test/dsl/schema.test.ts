// The JSON Schema: what is generated is fresh, and it takes what the language takes.

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { generated } from '../../scripts/schemas.ts'
import { convert, schema } from '../../src/dsl/index.ts'
import { filesIn, read } from './files.ts'
import { vocabulary } from './vocabulary.ts'

const validate = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  allErrors: true,
  keywords: ['deprecationMessage'],
}).compile(schema(vocabulary))

function errorsOf(text: string): unknown {
  return validate(parse(text)) ? [] : validate.errors
}

test.each([...generated(path => readFileSync(path, 'utf8'))])('%s is fresh; else `npm run schemas`', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})

describe('takes every scenario', () => {
  test.each(filesIn('scenarios', /\.yaml$/))('%s', name => {
    expect(errorsOf(read(name).text)).toEqual([])
  })

  test.each(filesIn('scenarios', /\.drill$/))('%s, converted', name => {
    expect(errorsOf(convert(read(name), vocabulary, 'yaml').text!)).toEqual([])
  })
})

test.each([
  ['a wrong section', 'drill: x\ntimelin: []'],
  ['a word of another section', 'drill: x\nchecks:\n  - { at: 5s, start: primary }'],
  ['an unknown word', 'drill: x\ntimeline:\n  - { at: 5s, kil: backend, of: a, with: KILL }'],
  ['a wrong keyword', 'drill: x\ntimeline:\n  - { at: 5s, kill: backend, of: a, with: KIL }'],
  ['a missing preposition', 'drill: x\ntimeline:\n  - { at: 5s, kill: backend, with: KILL }'],
  ['a wrong unit', 'drill: x\nclients:\n  - { client: a, on: b, every: 5MB, script: "select 1" }'],
  ['an unknown setting', 'drill: x\ncluster:\n  - { node: a, set: { max_conections: 5 } }'],
])('refuses %s', (_, text) => {
  expect(errorsOf(text)).not.toEqual([])
})
