// The word `receive`: what pg_recvlogical says when its stream cannot begin or breaks off, in the words of the real one.

import { expect, test } from 'vitest'
import { failed, play } from '../../playing.ts'

const cluster = `drill "a receiver"
postgres 15
node primary { wal_level = logical; autovacuum = off }
setup on primary $$
  create table t (i int);
  select pg_create_logical_replication_slot('reader', 'test_decoding');
  select pg_create_physical_replication_slot('standby', true);
  select pg_create_logical_replication_slot('subscriber', 'pgoutput');
$$
`

const refusals: readonly (readonly [string, string, string])[] = [
  ['a slot that is not there', 'receive nobody from primary for 1s', 'replication slot "nobody" does not exist'],
  [
    'a physical slot',
    'receive standby from primary for 1s',
    'cannot use physical replication slot for logical decoding',
  ],
  ['an option that is not known', 'receive reader from primary for 1s with "nix=1"', 'option "nix" = "1" is unknown'],
  [
    'an option of which nothing is known',
    'receive reader from primary for 1s with "nix"',
    '"nix" = "(null)" is unknown',
  ],
  [
    'a slot that is there already',
    'receive reader from primary for 1s { create = test_decoding }',
    'replication slot "reader" already exists',
  ],
  [
    'what pgoutput makes',
    'receive subscriber from primary for 1s with "proto_version=1"',
    'streaming from pgoutput to who is no subscriber is not played yet',
  ],
  ['SQL that gives no LSN', `receive reader from primary $$ select 'x' $$`, 'could not parse end position "x"'],
]

for (const [name, statement, message] of refusals) {
  test(`${name} fails it`, () => failsWith(`at 1s ${statement}`, message))
}

const broken: readonly (readonly [string, string, string])[] = [
  [
    'its WAL sender is ended',
    'run on primary $$ select pg_terminate_backend(active_pid) from pg_replication_slots where active $$',
    'unexpected termination of replication stream: FATAL:  terminating connection due to administrator command',
  ],
  [
    'the server goes down at once',
    'stop primary with immediate',
    'could not receive data from WAL stream: server closed the connection unexpectedly',
  ],
  ['the server goes down in order', 'stop primary with fast', 'disconnected'],
]

for (const [name, statement, message] of broken) {
  test(`that ${name} fails it, with what was said`, () =>
    failsWith(`at 1s receive reader from primary for 10s\nat 2s ${statement}`, message))
}

/** The run's one complaint ends with the message. */
async function failsWith(statements: string, message: string): Promise<void> {
  const runs = await play('receive.drill', `${cluster}${statements}\nends 5s\n`)
  const missed = runs[0].events.filter(event => event.kind === 'action.missed')
  expect(missed.map(({ reason }) => reason)).toEqual([expect.stringContaining(message)])
}

test('a value of several lines is several lines, and ten seconds later all of it is confirmed', async () => {
  const text = `${cluster.replace('(i int)', '(i text)')}at 1s receive reader from primary for 15s
at 2s run on primary $$ insert into t values (e'one\\ntwo') $$
ends 17s
at 10s expect that query(primary, $$
  select confirmed_flush_lsn < pg_current_wal_lsn() from pg_replication_slots where active $$) = 't'
at 14s expect that query(primary, $$
  select confirmed_flush_lsn = pg_current_wal_lsn() from pg_replication_slots where active $$) = 't'
expect that count(events where kind = 'change.received' and data = 'two''') = 1
`
  expect(failed(await play('receive.drill', text))).toEqual([])
})
