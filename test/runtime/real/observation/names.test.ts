// Addresses, ports and folders of this machine in the scenario's names.

import { expect, test } from 'vitest'
import { Names } from '../../../../src/runtime/real/names.ts'

const names = new Names()
names.client(54321, 'visitor[0]')
names.server(40001, 'primary')
names.folder('/tmp/run', '/var/lib/postgresql/15')
names.folder('/tmp/run/primary', '/var/lib/postgresql/15/primary')

test.each([
  ['postgres: postgres postgres 127.0.0.1(54321) idle', 'postgres: postgres postgres visitor[0](54321) idle'],
  ['connection received: host=127.0.0.1 port=54321', 'connection received: host=visitor[0] port=54321'],
  [
    'connection to server at "127.0.0.1", port 40001 failed: Connection refused',
    'connection to server at "primary", port 5432 failed: Connection refused',
  ],
  ['host=127.0.0.1 port=40001 user=postgres', 'host=primary port=5432 user=postgres'],
  ['listening on IPv4 address "127.0.0.1", port 40001', 'listening on IPv4 address "0.0.0.0", port 5432'],
  ['could not bind IPv4 address "127.0.0.1": Address', 'could not bind IPv4 address "0.0.0.0": Address'],
  ['could not create listen socket for "127.0.0.1"', 'could not create listen socket for "0.0.0.0"'],
  ['postmaster already running on port 40001?', 'postmaster already running on port 5432?'],
  ['Unix socket "/tmp/run/.s.PGSQL.40001"', 'Unix socket "/var/lib/postgresql/15/.s.PGSQL.5432"'],
  ['"/tmp/run/primary/postgresql.conf"', '"/var/lib/postgresql/15/primary/postgresql.conf"'],
  ['127.0.0.1(1) 127.0.0.1(54321) 127.0.0.1(2)', '127.0.0.1(1) visitor[0](54321) 127.0.0.1(2)'],
  ['nothing to translate', 'nothing to translate'],
])('%s', (said, told) => {
  expect(names.translate(said)).toBe(told)
})

test('a port that is used again has a new owner', () => {
  const used = new Names()
  used.client(1, 'a')
  used.client(1, 'b')
  expect(used.endpoint(1)).toBe('b')
  expect(used.endpoint(2)).toBeUndefined()
})
