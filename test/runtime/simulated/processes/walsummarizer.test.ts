// The WAL summarizer where time passes and timelines change: old summaries go with their WAL, and a standby's go on across
// its promotion.

import { expect, test } from 'vitest'
import { failed, play } from '../../../playing.ts'

const gaps = `
  select count(*) from pg_available_wal_summaries() a
  where start_lsn > (select min(start_lsn) from pg_available_wal_summaries())
    and not exists (select from pg_available_wal_summaries() b where b.end_lsn = a.start_lsn)`

test('a summary goes when its WAL is gone and it is old enough', async () => {
  const runs = await play(
    'old',
    `drill "old summaries"
    postgres 17
    node primary { summarize_wal = on; wal_summary_keep_time = 1min; min_wal_size = 32MB; autovacuum = off }
    at 2s  run on primary $$ create table t (id int); select pg_switch_wal(); checkpoint; $$
    at 3s  run on primary $$ insert into t values (1); select pg_switch_wal(); checkpoint; $$
    at 70s run on primary $$ insert into t values (1); checkpoint; $$
    ends 71s
    at 60s expect "young ones stay" that query(primary, $$
      select count(*) from pg_available_wal_summaries() where start_lsn < '0/2000000' $$) >= 1
    at end expect "old ones go" that query(primary, $$
      select count(*) from pg_available_wal_summaries() where end_lsn < '0/2000000' $$) = 0
    at end expect "those of this minute stay" that query(primary, $$
      select count(*) from pg_available_wal_summaries() $$) >= 1
    `,
  )
  expect(failed(runs)).toEqual([])
})

test('a standby summarizes what it receives, and goes on with its own timeline when it is promoted', async () => {
  const runs = await play(
    'promoted',
    `drill "promoted"
    postgres 18
    node primary
    standby s1 of primary { summarize_wal = on }
    at 2s   run on primary $$ create table t (id int); checkpoint; $$
    at 3s   run on primary $$ insert into t values (1); checkpoint; $$
    at 60s  promote s1
    at 65s  run on s1 $$ checkpoint; $$
    ends 66s
    at 59s  expect "one timeline" that query(s1, $$ select max(tli) from pg_available_wal_summaries() $$) = 1
    at end expect "two timelines" that query(s1, $$ select max(tli) from pg_available_wal_summaries() $$) = 2
    at end expect "no gaps" that query(s1, $$ ${gaps} $$) = 0
    at end expect "it is on the new one" that query(s1, $$
      select summarized_tli from pg_get_wal_summarizer_state() $$) = 2
    `,
  )
  expect(failed(runs)).toEqual([])
})
