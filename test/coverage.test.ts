// What PostgreSQL has is either shown by a lesson or said to be open: docs/coverage.md cannot say what is not so.

import { expect, test } from 'vitest'
import { coverage } from '../scripts/coverage.ts'
import { lessons } from '../scripts/coverage-page.ts'
import { vocabulary } from './dsl/vocabulary.ts'

const taught = new Set(lessons(vocabulary).flatMap(({ teaches }) => teaches))
const rows = coverage.flatMap(group => group.rows)

test.each(rows.filter(({ open }) => open === undefined))('$topic is taught by a lesson', ({ topic }) => {
  expect(taught).toContain(topic)
})

test.each(rows.filter(({ open }) => open !== undefined))('$topic is open: no lesson teaches it', ({ topic }) => {
  expect(taught).not.toContain(topic)
})

test('every row has a topic of its own', () => {
  expect(new Set(rows.map(({ topic }) => topic)).size).toBe(rows.length)
})
