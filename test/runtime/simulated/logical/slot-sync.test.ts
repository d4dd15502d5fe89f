// Failover slots and what copies them to a standby. Lines and errors are those of real servers 17.10 and 18.4.

import { expect, test } from 'vitest'
import { failed, play } from '../../../playing.ts'

const make = `select pg_create_logical_replication_slot('reader', 'test_decoding', false, false, true)`
const read = `select count(*) from pg_logical_slot_get_changes('reader', null, null)`

/** A primary and a standby that synchronizes; a slot that is ready after two seconds; then `story`. */
function drill(
  story: string,
  {
    version = 17,
    primary = '',
    standby = 'sync_replication_slots = on; hot_standby_feedback = on',
    via = true,
    first = 'make, insert, checkpoint, read',
  } = {},
) {
  return `
drill "Slots are synchronized"
postgres ${version}
seed 1
node primary { wal_level = logical; autovacuum = off; checkpoint_timeout = 1h; ${primary} }
standby s1 of primary ${via ? 'via s1_slot' : ''} { ${standby} }
setup on primary $$ create table t (id int primary key) $$
session main on primary {
  step make $$ ${make} $$
  step insert $$ insert into t values (1) $$
  step read $$ ${read} $$
  step more $$ insert into t values (2) $$
  step checkpoint $$ checkpoint $$
  step again $$ ${read} $$
}
at 500ms play ${first}
${story}`
}

async function held(text: string): Promise<void> {
  const runs = await play('slot-sync.drill', text)
  expect(failed(runs)).toEqual([])
  expect(runs.flatMap(run => run.verdicts).length).toBeGreaterThan(0)
}

const ready = `count(s1.log where message = 'newly created replication slot "reader" is sync-ready now')`

test.each([
  [
    { standby: 'sync_replication_slots = on; hot_standby_feedback = on; wal_level = replica' },
    '"wal_level" >= "logical"',
  ],
  [{ via: false }, '"primary_slot_name" to be set'],
  [{ standby: 'sync_replication_slots = on; hot_standby_feedback = off' }, '"hot_standby_feedback" to be enabled'],
])('what a standby must be told: %o', async (given, missing) => {
  const told = `count(s1.log where level = 'LOG' and process = 'postmaster'
    and message = 'replication slot synchronization requires ${missing}')`
  await held(
    drill(
      `ends 3s
       expect "it is said" that ${told} > 0
       at end expect "nobody synchronizes" that count(s1.processes where type = 'slotsync worker') = 0`,
      given,
    ),
  )
})

test('a standby without a database in its connection string has a worker that ends at once', async () => {
  await held(
    drill(`
      session admin on s1 {
        step edit $$ alter system set primary_conninfo = 'host=primary port=5432 user=postgres' $$
        step reload $$ select pg_reload_conf() $$
      }
      at 4s play edit, reload
      ends 6s
      expect "it begins anew" that count(s1.log where
        message = 'replication slot synchronization worker will restart because of a parameter change') = 1
      expect "and ends" that count(s1.log where level = 'ERROR' and
        message = 'replication slot synchronization requires "dbname" to be specified in "primary_conninfo"') = 1`),
  )
})

test('a worker that is killed takes all down; the copy is there again', async () => {
  await held(
    drill(`
      at 4s kill slotsync-worker of s1 with KILL as crash
      ends 8s
      expect "it was ready" that ${ready} = 1
      expect "the postmaster says who" that count(s1.log where
        message ~ '^slot sync worker process .PID \\d+. was terminated by signal 9: Killed$') = 1
      expect "another begins" that count(s1.log where message = 'slot sync worker started') = 2
      at end expect "the copy stays" that query(s1, $$
        select count(*) from pg_replication_slots where synced and not temporary $$) = 1`),
  )
})

test('a session may do it once; what is not ready by then goes', async () => {
  await held(
    drill(
      `
      session admin on s1 {
        step first $$ select pg_sync_replication_slots() $$
        step second $$ select pg_sync_replication_slots() $$
      }
      at 2s play first
      at 3s play checkpoint, again
      at 4s play second
      ends 5s
      at 2900ms expect "too early" that query(s1, $$ select count(*) from pg_replication_slots $$) = 0
      expect "then ready" that ${ready} = 1
      at end expect "and it stays" that query(s1, $$
        select count(*) from pg_replication_slots where synced and failover and not temporary $$) = 1`,
      { standby: 'hot_standby_feedback = on', first: 'make, insert, read' },
    ),
  )
})

test('only one synchronizes, and only on a standby', async () => {
  await held(
    drill(`
      session admin on s1 { step sync $$ select pg_sync_replication_slots() $$ }
      session other on primary { step sync_here $$ select pg_sync_replication_slots() $$ }
      at 2s play sync, sync_here
      ends 3s
      expect "not both" that count(s1.log where message = 'cannot synchronize replication slots concurrently') = 1
      expect "not a primary" that count(primary.log where
        message = 'replication slots can only be synchronized to a standby server') = 1`),
  )
})

test('a slot of the same name is in the way', async () => {
  await held(
    drill(`
      session admin on s1 { step take $$ select pg_create_physical_replication_slot('reader') $$ }
      at 100ms play take
      ends 3s
      expect "the worker ends" that count(s1.log where level = 'ERROR' and message =
        'exiting from slot synchronization because same name slot "reader" already exists on the standby') = 1`),
  )
})

test('a crash of the primary throws its slot back behind the copy', async () => {
  await held(
    drill(`
      at 3s play more, again
      at 5s crash primary
      at 6s start primary
      ends 20s
      expect "the copy can't go back" that count(s1.log where level = 'ERROR'
        and message = 'cannot synchronize local slot "reader"' and detail ~ 'is ahead of remote slot') > 0`),
  )
})

test('a slot that is dropped on the primary is dropped here', async () => {
  await held(
    drill(`
      session admin on primary { step drop $$ select pg_drop_replication_slot('reader') $$ }
      at 4s play drop
      ends 9s
      expect "it was there" that ${ready} = 1
      expect "it goes" that count(s1.log where message = 'dropped replication slot "reader" of database with OID 5') = 1
      at end expect "it is gone" that query(s1, $$ select count(*) from pg_replication_slots $$) = 0`),
  )
})

test('a standby that must be waited for, and is away', async () => {
  await held(
    drill(
      `
      at 2s stop s1
      at 3s play more
      at 3s play again as waits
      at 6500ms start s1
      ends 9s
      at 4500ms expect "the reader waits" that query(primary, $$
        select wait_event_type || ' ' || wait_event from pg_stat_activity where query like '%get_changes%' and state = 'active'
          and pid <> pg_backend_pid() $$) = 'Client WaitForStandbyConfirmation'
      expect "it is warned every second" that count(primary.log where level = 'WARNING' and message =
        'replication slot "s1_slot" specified in parameter "synchronized_standby_slots" does not have active_pid') = 4
      expect "until the standby has it" within 5s of waits
        that eventually count(primary.log where message ~ 'found consistent point') = 1`,
      { primary: 'synchronized_standby_slots = s1_slot', standby: `synchronized_standby_slots = ''` },
    ),
  )
})

test('18 asks for more and says it otherwise', async () => {
  await held(
    drill(
      `
      at 4s stop primary with immediate
      ends 16s
      expect "it was ready" that ${ready} = 1
      expect "who could not connect" that count(s1.log where level = 'ERROR'
        and message ~ '^synchronization worker "slotsync worker" could not connect to the primary server: ') > 0`,
      { version: 18 },
    ),
  )
})

test('before 17 nobody knows of it', async () => {
  await expect(play('slot-sync.drill', drill('ends 1s', { version: 16 }))).rejects.toThrow('sync_replication_slots')
})
