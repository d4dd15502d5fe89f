// What wal_level minimal has too little WAL for, and who says so: the scenario's diagnosis of what it declares, the server
// of what it is started with later.

import { expect, test } from 'vitest'
import { loadScenario } from '../../src/index.ts'
import { failed, play } from '../playing.ts'

const minimal = 'node primary { wal_level = minimal; max_wal_senders = 0 }'

async function complaints(text: string): Promise<string[]> {
  const { diagnostics } = await loadScenario({ name: 'x.drill', text: `drill "x"\npostgres 15\n${text}\nends 1s` })
  return diagnostics.map(({ message }) => message)
}

async function plays(version: number, text: string): Promise<void> {
  expect(failed(await play('minimal.drill', `drill "minimal"\npostgres ${version}\n${text}`))).toEqual([])
}

test('what is declared', async () => {
  const senders = 'WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"'
  expect(await complaints('node primary { wal_level = minimal }')).toEqual([senders])
  expect(await complaints('node primary { wal_level = minimal; max_wal_senders = 2 }')).toEqual([senders])
  expect(await complaints('node primary { wal_level = minimal; max_wal_senders = 0; archive_mode = on }')).toEqual([
    'WAL archival cannot be enabled when wal_level is "minimal"',
  ])
  expect(await complaints(`${minimal}\nstandby s1 of primary\nslot one of primary\narchive vault of primary`)).toEqual([
    'a standby needs more WAL than wal_level "minimal" of primary has',
    'a replication slot needs more WAL than wal_level "minimal" of primary has',
    'an archive needs more WAL than wal_level "minimal" of primary has',
  ])
  expect(await complaints(minimal)).toEqual([])
})

const refusals = [
  [15, 'max_wal_senders = 3', 'WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"'],
  [18, '', 'WAL streaming ("max_wal_senders" > 0) requires "wal_level" to be "replica" or "logical"'],
  [15, 'max_wal_senders = 0; archive_mode = on', 'WAL archival cannot be enabled when wal_level is "minimal"'],
  [17, 'max_wal_senders = 0; archive_mode = on', 'WAL archival cannot be enabled when "wal_level" is "minimal"'],
  [17, 'max_wal_senders = 0; summarize_wal = on', 'WAL cannot be summarized when "wal_level" is "minimal"'],
] as const

test.each(refusals)('a restart of %i with %s ends at once', (version, settings, message) =>
  plays(
    version,
    `node primary
at 1s restart primary with fast as lowered { wal_level = minimal; ${settings} }
ends 4s
expect that count(log where level = 'FATAL' and message = '${message}') = 1
expect that count(log where message ~ '^starting PostgreSQL') = 1
at end expect that not primary.up`,
  ),
)

test.each([
  [15, 'wal_level < replica', 'Change wal_level to be replica or higher.'],
  [18, '"wal_level" < "replica"', 'Change "wal_level" to be "replica" or higher.'],
] as const)('a slot of a standby keeps %i from starting', (version, what, hint) =>
  plays(
    version,
    `node primary
at 1s run on primary $$ select pg_create_physical_replication_slot('one') $$
at 2s restart primary with fast as lowered { wal_level = minimal; max_wal_senders = 0 }
ends 5s
expect that count(log where level = 'FATAL' and message = 'physical replication slot "one" exists, but ${what}'
  and hint = '${hint}') = 1
at end expect that not primary.up`,
  ),
)

test('nothing is logged for standbys: neither locks nor who runs', () =>
  plays(
    15,
    `${minimal}
setup on primary $$ create table t (v int) $$
session a on primary {
  step first $$ begin; lock table t in access exclusive mode $$
  step xid $$ select count(*) from pg_locks where locktype = 'transactionid' $$
  step last $$ commit; checkpoint $$
}
at 1s play first, xid, last
ends 60s
at end expect that xid.value = 0
at 2s expect that query(primary, $$ select pg_current_wal_insert_lsn() - redo_lsn < 200 from pg_control_checkpoint() $$)`,
  ))
