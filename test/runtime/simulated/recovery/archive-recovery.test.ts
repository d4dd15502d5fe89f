// Restartpoints while an archive is replayed, with little room for WAL: segments go as they come, and none goes that is
// still needed. The story of PostgreSQL's 045_archive_restartpoint.pl.

import { expect, test } from 'vitest'
import { failed, play } from '../../../playing.ts'

test('an archive with many checkpoints is replayed in little room', async () => {
  const runs = await play(
    'restartpoints',
    `drill "restartpoints from the archive"
    postgres 15
    node primary
    archive vault of primary
    setup on primary $$ create table t (id int) $$
    client filler on primary from 1s every 100ms { transactions = 20 } $$
      insert into t values (1);
      checkpoint;
      select pg_switch_wal();
    $$
    at 100ms backup primary to vault as base
    at 5s run on primary $$
      select pg_create_restore_point('enough');
      insert into t values (2);
      select pg_switch_wal();
    $$
    at 7s restore restored from vault as again {
      recovery_target_name = enough
      max_wal_size = 32MB
      min_wal_size = 32MB
    }
    ends again + 5s
    expect "restartpoints" that count(restored.log where message ~ '^restartpoint complete') >= 10
    expect "it comes to where it should" that count(restored.log where message = 'pausing at the end of recovery') = 1
    at end expect "all is there" that query(restored, $$ select count(*) from t $$) = 20
    at end expect "old segments are not" that query(restored, $$
      select count(*) from pg_ls_waldir() where name ~ '^[0-9A-F]{24}$' $$) <= 5
    `,
  )
  expect(failed(runs)).toEqual([])
})
