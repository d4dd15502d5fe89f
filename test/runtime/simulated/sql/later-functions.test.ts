import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer } from './server.ts'

beforeAll(loadParser)

const later = [
  ['pg_log_standby_snapshot()', 15],
  ['pg_sync_replication_slots()', 16],
] as const

test.each(later)('%s does not exist in %i', (call, version) => {
  const [error] = new TestServer(version).connect().query(`select ${call}`)
  expect(error).toMatchObject({ kind: 'error', sqlstate: '42883', message: `function ${call} does not exist` })
})
