// docs/fidelity.md: every scenario was held against real servers; where the two differ it says so.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { filesIn } from './dsl/files.ts'

const page = readFileSync('docs/fidelity.md', 'utf8')
const rows = page.split('\n').filter(line => line.startsWith('| scenarios/'))

test.each(filesIn('scenarios', /\.(drill|yaml|spec)$/))('%s has its rows', name => {
  expect(rows.filter(row => row.startsWith(`| ${name} `))).not.toEqual([])
})

test('it is of the majors that scenarios are proved on', () => {
  expect(page).toMatch(/^Played on PostgreSQL 15\.\d+ and PostgreSQL 18\.\d+\.$/m)
})
