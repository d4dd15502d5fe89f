// pg_rewind: what it refuses, and what it may be given as its source. Its lesson is rewind-after-split-brain.

import { describe, expect, test } from 'vitest'
import { failed, play } from '../playing.ts'

const plays = async (text: string) =>
  expect(failed(await play('rewind.drill', `drill "pg_rewind"\npostgres 15\n${text}`))).toEqual([])

/** What it complained of, one after the other. */
async function refusals(settings: string, text: string): Promise<string[]> {
  const cluster = `node primary { autovacuum = off; ${settings} }
standby s1 of primary
setup on primary $$ create table t (v int) $$
`
  const [run] = await play('rewind.drill', `drill "pg_rewind refuses"\npostgres 15\n${cluster}${text}`)
  return run!.events.flatMap(event =>
    event.kind === 'action.missed' ? [/pg_rewind: .*/.exec(event.reason)?.[0] ?? event.reason] : [],
  )
}

describe('it refuses', () => {
  /** While the target runs, and after it has crashed. */
  const twice = `at 2s promote s1 as promotion
at promotion.done + 100ms rewind primary from s1 { optional = on }
at promotion.done + 200ms stop primary with immediate
at promotion.done + 1s rewind primary from s1 { optional = on }
ends promotion.done + 2s`

  test('first of all where a change of a hint bit would be missed, whatever else is wrong', async () => {
    const why = 'pg_rewind: error: target server needs to use either data checksums or "wal_log_hints = on"'
    expect(await refusals('', twice)).toEqual([why, why])
  })

  test('a target that runs, or that has crashed', async () => {
    const why = 'pg_rewind: error: target server must be shut down cleanly'
    expect(await refusals('wal_log_hints = on', twice)).toEqual([why, why])
  })

  test('a source that is down', async () => {
    const asked = `at 2s stop primary
at 3s stop s1
at 4s rewind primary from s1 { optional = on }
ends 5s`
    expect(await refusals('wal_log_hints = on', asked)).toEqual([
      'pg_rewind: error: connection to server at "s1", port 5432 failed',
    ])
  })
})

describe('its source may be a standby', () => {
  const cluster = `node primary { wal_log_hints = on; autovacuum = off }
standby s1 of primary
standby s2 of s1
setup on primary $$ create table t (v int) $$
`
  const divergence = `
at 2s promote s1 as promotion
at promotion.done + 600ms run on primary $$ insert into t values (1) $$
at promotion.done + 600ms run on s1 $$ insert into t values (2); checkpoint; insert into t values (3) $$
`
  const rewound = `
at promotion.done + 2s stop primary
at promotion.done + 3s rewind primary from s2 as rewound
at rewound.done + 500ms start primary as again
at again.done + 1s run on s1 $$ insert into t values (4) $$
ends again.done + 3s
`

  test('that has made a restartpoint on the new timeline: the target follows it', () =>
    plays(`${cluster}${divergence}
at promotion.done + 1700ms run on s2 $$ checkpoint $$
${rewound}
at end expect that query(primary, $$select string_agg(v::text, ',') from t$$) = '2,3,4'
at end expect that primary.in_recovery and primary.timeline = 2`))

  test('one on the same timeline has nothing to give', () =>
    plays(`${cluster}
at 2s stop primary as stopped
at stopped.done + 500ms rewind primary from s1 as rewound
ends 4s
expect within 100ms of rewound that count(events where kind = 'action.missed') = 0`))
})
