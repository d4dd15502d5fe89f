// Plays corpus/*.sql against the simulated server, and compares with what a real PostgreSQL 15 answered: the .out files
// are written by judge.sh, never by hand.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { play } from './psql.ts'
import { TestServer } from './server.ts'

const folder = join(import.meta.dirname, 'corpus')
const names = readdirSync(folder)
  .filter(name => name.endsWith('.sql'))
  .map(name => name.slice(0, -4))

/** What a file wants otherwise than by default, on the real server too. */
const settings: Readonly<Record<string, Record<string, string>>> = { prepared: { max_prepared_transactions: '10' } }

beforeAll(loadParser)

test.each(names)('%s', name => {
  const session = new TestServer(15, settings[name]).connect()
  const played = play(session, readFileSync(join(folder, `${name}.sql`), 'utf8'))
  expect(played).toBe(readFileSync(join(folder, `${name}.out`), 'utf8'))
})
