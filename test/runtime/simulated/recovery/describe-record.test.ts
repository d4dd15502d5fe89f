// A record in a query's way is told in the log as each version tells it; and what it says is what redo does. The texts
// are those of real servers' logs and of pg_walinspect.

import { describe, expect, it } from 'vitest'
import { loadScenario, playScenario } from '../../../../src/index.ts'

const lines = Array.from({ length: 3 }, (_, index) => index + 8).join(', ')

/** What a standby says of vacuum's first record that a report on it is in the way of, by version. */
const told: Readonly<Record<number, RegExp>> = {
  15: /^WAL redo at [^ ]+ for Heap2\/PRUNE: latestRemovedXid \d+ nredirected 0 ndead 3; blkref #0: rel 1663\/5\/\d+, blk 0$/,
  16: new RegExp(
    `^WAL redo at [^ ]+ for Heap2/PRUNE: snapshotConflictHorizon: \\d+, nredirected: 0, ndead: 3, nunused: 0, redirected: \\[\\], dead: \\[${lines}\\], unused: \\[\\]; blkref #0: rel 1663/5/\\d+, blk 0$`,
  ),
  17: new RegExp(
    `^WAL redo at [^ ]+ for Heap2/PRUNE_VACUUM_SCAN: snapshotConflictHorizon: \\d+, isCatalogRel: F, nplans: 0, nredirected: 0, ndead: 3, nunused: 0, dead: \\[${lines}\\]; blkref #0: rel 1663/5/\\d+, blk 0$`,
  ),
}

const conflict = (version: number) => `drill "x"
postgres ${version}
node primary { autovacuum = off }
standby s1 of primary { max_standby_streaming_delay = 1s; log_recovery_conflict_waits = on; deadlock_timeout = 100ms }
setup on primary $$
  create table t (id int primary key);
  insert into t select generate_series(1, 10);
$$
session reporter on s1 { step report $$ select count(*), pg_sleep(20) from t group by pg_sleep(0) $$ }
session admin on primary {
  step touch $$ delete from t where id > 7 $$
  step vacuum_it $$ vacuum (index_cleanup on) t $$
}
at 1s play report
at 2s play touch
at 3s play vacuum_it
ends 6s
`

const crash = (version: number) => `drill "x"
postgres ${version}
node primary { autovacuum = off }
session admin on primary {
  step make $$
    create table t (id int primary key, n int) with (fillfactor = 80);
    insert into t select i, 0 from generate_series(1, 150) i;
    checkpoint;
  $$
  step change $$
    update t set n = n + 1 where id < 30;
    update t set n = n + 1 where id < 15;
    delete from t where id between 40 and 60;
  $$
  step take_back $$ begin; insert into t select i, 7 from generate_series(1000, 1020) i; rollback; $$
  step clean $$ vacuum (freeze, index_cleanup on) t $$
  step more $$ insert into t select i, 1 from generate_series(200, 230) i; $$
  step before $$ select count(*) * 1000 + sum(n) from t $$
}
session later on primary { step after $$ select count(*) * 1000 + sum(n) from t $$ }
at 1s play make, change, take_back, clean, more, before
at 2s kill checkpointer of primary with KILL
at 4s play after
ends 6s
at end expect "all are there" that before.value = after.value and after.value = 160074
`

async function play(text: string) {
  const { scenarios, diagnostics } = await loadScenario({ name: 'x.drill', text })
  expect(diagnostics).toEqual([])
  const played = await playScenario(scenarios![0], { detail: 'lifecycle' })
  if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
  return played.runs[0]
}

describe('a record of a page that is cleaned', () => {
  it.each([15, 16, 17, 18])('is told as %i tells it', async version => {
    const { events } = await play(conflict(version))
    const waits = events.flatMap(event =>
      event.kind === 'log.line' && event.message.startsWith('recovery still waiting') ? [event.context] : [],
    )
    expect(waits).toHaveLength(1)
    expect(waits[0]).toMatch(told[Math.min(version, 17)])
  })

  it.each([15, 16, 17, 18])('says all that redo needs, on %i', async version => {
    const { verdicts } = await play(crash(version))
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['held'])
  })
})
