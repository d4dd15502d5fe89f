// Subscriptions between two servers: what is applied, what stands in its way, and what is said of it. The expectations are
// those of real servers, 15.18 and 18.4.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { failed, play } from '../../../playing.ts'

beforeAll(loadParser)

interface Story {
  readonly postgres?: number
  readonly seed?: number
  /** Of the publisher. */
  readonly settings?: string
  readonly create?: string
  readonly publisher: string
  readonly subscriber: string
  /** Steps of two sessions, `pub` and `sub`, in the spelling of scenarios, and what comes of them. */
  readonly rest: string
}

const conninfo = 'host=publisher port=5432 user=postgres dbname=postgres'

async function tell(story: Story) {
  const { postgres = 15, seed = 1, settings = 'autovacuum = off', publisher, subscriber, rest } = story
  const { create = `create subscription s connection '${conninfo}' publication p` } = story
  const text = `drill "subscriptions"
postgres ${postgres}
seed ${seed}
node publisher { wal_level = logical; ${settings} }
node subscriber { autovacuum = off; wal_retrieve_retry_interval = 500ms; log_min_messages = notice }
setup on publisher $$ ${publisher} $$
setup on subscriber $$ ${subscriber} $$
session creator on subscriber { step create $$ ${create} $$ }
at 1s play create
${rest}
`
  const runs = await play('subscriptions.drill', text)
  const log = runs[0].events.flatMap(event =>
    event.kind === 'log.line' && event.node === 'subscriber' && event.process === 'logical replication worker'
      ? [event]
      : [],
  )
  return { failed: failed(runs), log, said: (words: string) => log.filter(({ message }) => message.includes(words)) }
}

const table = 'create table t (id int primary key, v text)'

describe('apply', () => {
  test('inserts, keys that change, nulls, truncation, and a savepoint that was rolled back', async () => {
    const { failed } = await tell({
      publisher: `${table}; insert into t values (1, 'a'), (2, null); create table u (id int primary key, n int); create publication p for table t, u`,
      subscriber: `create table u (n int, id int primary key, own text); ${table}`,
      rest: `
session pub on publisher {
  step change $$ update t set id = 3, v = null where id = 1; update t set v = 'b' where id = 2 $$
  step sub $$ begin; insert into t values (4, 'd'); savepoint x; insert into t values (5, 'e'); rollback to x; commit $$
  step other $$ insert into u values (1, 10); update u set n = 11 $$
  step cut $$ truncate t $$
  step after $$ insert into t values (9, 'z') $$
}
session own on subscriber { step mark $$ update u set own = 'mine' $$ }
session pub2 on publisher { step again $$ update u set n = 12 $$ }
at 3s play change, sub, other
at 4s expect "rows" that query(subscriber, $$select string_agg(id || coalesce(v, '-'), ' ') from t$$) = '3- 2b 4d'
at 4s play mark
at 5s play again
at 6s expect "columns of its own stay" that query(subscriber, $$select id || ' ' || n || ' ' || own from u$$) = '1 12 mine'
at 6s play cut, after
ends 7s
at end expect "truncated" that query(subscriber, $$select string_agg(id || v, ' ') from t$$) = '9z'
`,
    })
    expect(failed).toEqual([])
  })

  test('a table without a key is found by all its columns, if the publisher sends them', async () => {
    const { failed } = await tell({
      publisher:
        'create table t (a int, b text); alter table t replica identity full; create publication p for all tables',
      subscriber: 'create table t (a int, b text)',
      rest: `
session pub on publisher { step change $$ insert into t values (1, 'x'), (1, 'x'), (2, null); delete from t where a = 2; update t set b = 'y' where a = 1 $$ }
at 3s play change
ends 4s
at end expect "rows" that query(subscriber, $$select string_agg(a || b, ' ') from t$$) = '1y 1y'
`,
    })
    expect(failed).toEqual([])
  })

  test('a table or a column that is missing here stops it', async () => {
    const { failed, said } = await tell({
      publisher: `${table}; create publication p for table t`,
      subscriber: table,
      rest: `
session pub on publisher {
  step more $$ alter table t add column extra int; insert into t values (1, 'a', 2) $$
}
session sub on subscriber { step cure $$ alter table t add column extra int $$ }
at 3s play more
at 5s play cure
ends 7s
at end expect "then it goes on" that query(subscriber, $$select extra from t$$) = 2
`,
    })
    expect(failed).toEqual([])
    const [first] = said('is missing replicated column')
    expect(first.message).toBe('logical replication target relation "public.t" is missing replicated column: "extra"')
    expect(first.context).toMatch(
      /^processing remote data for replication origin "pg_\d+" during message type "INSERT" in transaction \d+, finished at 0\/[0-9A-F]+$/,
    )
  })

  test('a publication that was dropped stops the stream', async () => {
    const { said } = await tell({
      publisher: `${table}; create publication p for table t`,
      subscriber: table,
      rest: `
session pub on publisher { step drop $$ drop publication p; insert into t values (1, 'a') $$ }
at 3s play drop
ends 5s
`,
    })
    expect(said('could not receive data from WAL stream')[0].message).toBe(
      'could not receive data from WAL stream: ERROR:  publication "p" does not exist',
    )
  })
})

describe('crashes and failover', () => {
  const both = (what: string) =>
    `that query(publisher, $$select ${what} from t$$) = query(subscriber, $$select ${what} from t$$)`

  test.each([1, 2, 3])('whichever side crashes, nothing is missing and nothing is there twice (%i)', async seed => {
    const { failed } = await tell({
      seed,
      publisher: `${table}; insert into t select i, 'x' from generate_series(1, 2000) i; create publication p for table t`,
      subscriber: table,
      rest: `
client writer on publisher from 200ms to 20s every 25ms { reconnect = 200ms } $$
  insert into t select max(id) + 1, 'x' from t;
$$
at random(1012ms, 1030ms) restart subscriber with immediate
at random(4s, 5s) restart publisher with immediate
at random(8s, 9s) kill logical-replication-worker of subscriber with KILL
at random(12s, 13s) cut power of subscriber for 1s
at 14s start subscriber
at random(16s, 17s) cut link between publisher, subscriber for 2s
at 19s restart publisher with fast
ends 26s
at end expect "the same" ${both("count(*) || ' ' || sum(id)")}
`,
    })
    expect(failed).toEqual([])
  })

  test('a subscriber of a failover slot waits for the standbys that are named', async () => {
    const { failed } = await tell({
      postgres: 17,
      settings: `synchronized_standby_slots = 's1'`,
      create: `create subscription s connection '${conninfo}' publication p with (create_slot = false, slot_name = 'kept')`,
      publisher: `${table}; create publication p for table t`,
      subscriber: table,
      rest: `
at 500ms run on publisher $$ select pg_create_logical_replication_slot('kept', 'pgoutput', false, false, true) $$
session pub on publisher { step change $$ insert into t values (1, 'a') $$ }
at 3s play change
at 5s expect "it waits" that query(subscriber, $$select count(*) from t$$) = 0
at 5s expect "and says so" that count(log where message = 'replication slot "s1" specified in parameter "synchronized_standby_slots" does not exist') >= 1
at 6s reload publisher { synchronized_standby_slots = '' }
ends 8s
at end expect "it goes on" ${both('count(*)')}
`,
    })
    expect(failed).toEqual([])
  })
})

describe('ALTER SUBSCRIPTION', () => {
  test('tables that come are copied by REFRESH; DISABLE and ENABLE', async () => {
    const { failed, said } = await tell({
      publisher: `${table}; create publication p for table t; create table u (id int primary key); insert into u values (7)`,
      subscriber: `${table}; create table u (id int primary key)`,
      rest: `
session pub on publisher {
  step add $$ alter publication p add table u $$
  step early $$ insert into u values (8) $$
  step late $$ insert into t values (1, 'a'); insert into u values (9) $$
}
session sub on subscriber {
  step refresh $$ alter subscription s refresh publication $$
  step off $$ alter subscription s disable $$
  step resume $$ alter subscription s enable $$
}
at 3s play add, early
at 4s expect "nobody asked for it yet" that query(subscriber, $$select count(*) from u$$) = 0
at 4s play refresh
at 6s expect "copied" that query(subscriber, $$select count(*) from u$$) = 2
at 6s play off
at 7500ms play late
at 8s expect "off" that query(subscriber, $$select count(*) from t$$) = 0
at 8s play resume
ends 10s
at end expect "on again" that query(subscriber, $$select count(*) from u$$) = 3
`,
    })
    expect(failed).toEqual([])
    expect(said('will stop because the subscription was disabled')[0].message).toBe(
      'logical replication apply worker for subscription "s" will stop because the subscription was disabled',
    )
  })

  test('DROP SUBSCRIPTION ends the workers and takes the slot with it', async () => {
    const { failed } = await tell({
      publisher: `${table}; create publication p for table t`,
      subscriber: table,
      rest: `
session sub on subscriber { step drop $$ drop subscription s $$ }
at 3s play drop
ends 5s
at 2s expect "a slot" that query(publisher, $$select count(*) from pg_replication_slots$$) = 1
at end expect "no slot" that query(publisher, $$select count(*) from pg_replication_slots$$) = 0
at end expect "no origin" that query(subscriber, $$select count(*) from pg_replication_origin$$) = 0
at end expect "no tables" that query(subscriber, $$select count(*) from pg_subscription_rel$$) = 0
`,
    })
    expect(failed).toEqual([])
  })
})

describe('conflicts', () => {
  const rest = `
session sub on subscriber { step mine $$ insert into t values (1, 'mine') $$ }
session pub on publisher {
  step theirs $$ insert into t values (1, 'theirs') $$
  step missing $$ insert into t values (2, 'b'), (3, 'c') $$
  step gone $$ update t set v = 'x' where id = 2; delete from t where id = 3 $$
}
session away on subscriber {
  step out $$ delete from t where id in (2, 3) $$
  step cure $$ delete from t where id = 1 $$
}
at 2s play missing
at 3s play out, gone
at 4s play mine, theirs
at 6s play cure
ends 8s
at end expect "goes on" that query(subscriber, $$select v from t where id = 1$$) = 'theirs'
`

  test('until 17 a key that is taken is a unique violation, and a missing row nothing', async () => {
    const { failed, log } = await tell({
      publisher: `${table}; create publication p for table t`,
      subscriber: table,
      rest,
    })
    expect(failed).toEqual([])
    const errors = log.filter(({ level }) => level === 'ERROR')
    expect(errors[0]).toMatchObject({
      message: 'duplicate key value violates unique constraint "t_pkey"',
      detail: 'Key (id)=(1) already exists.',
    })
    expect(log.some(({ message }) => message.includes('conflict'))).toBe(false)
  })

  test('a transaction is passed over whole with SKIP, at its place and at no other', async () => {
    const story = (lsn: string): Story => ({
      publisher: `${table}; create publication p for table t`,
      subscriber: `${table}; insert into t values (1, 'mine')`,
      rest: `
session pub on publisher {
  step theirs $$ begin; insert into t values (5, 'e'); insert into t values (1, 'theirs'); commit $$
  step behind $$ insert into t values (6, 'f') $$
}
session sub on subscriber {
  step early $$ alter subscription s skip (lsn = '0/1') $$
  step skip $$ alter subscription s skip (lsn = '${lsn}') $$
}
at 3s play theirs, behind
at 4s play early
at 5s play skip
ends 7s
at end expect "passed over" that query(subscriber, $$select string_agg(id || v, ' ') from t$$) = '1mine 6f'
at end expect "once" that query(subscriber, $$select subskiplsn = '0/0' from pg_subscription$$) = 't'
`,
    })
    const { said } = await tell(story('0/FFFFFFF'))
    const place = /finished at (.*)$/.exec(said('duplicate key')[0].context!)![1]
    const skipped = await tell(story(place))
    expect(skipped.failed).toEqual([])
    expect(skipped.said('skipping transaction').map(({ message, context }) => [message, context])).toEqual([
      [
        `logical replication starts skipping transaction at LSN ${place}`,
        expect.stringMatching(/during message type "BEGIN" in transaction \d+, finished at /),
      ],
      [
        `logical replication completed skipping transaction at LSN ${place}`,
        expect.stringMatching(/during message type "COMMIT" in transaction \d+, finished at /),
      ],
    ])
  })

  test('from 18 on both are conflicts, told and counted', async () => {
    const { failed, said } = await tell({
      postgres: 18,
      publisher: `${table}; create publication p for table t`,
      subscriber: table,
      rest: `${rest}
at end expect "counted" that query(subscriber, $$select confl_insert_exists = apply_error_count and confl_update_missing = 1 and confl_delete_missing = 1 from pg_stat_subscription_stats$$) = 't'
`,
    })
    expect(failed).toEqual([])
    expect(said('conflict=update_missing')[0]).toMatchObject({
      level: 'LOG',
      message: 'conflict detected on relation "public.t": conflict=update_missing',
      detail: 'Could not find the row to be updated.\nRemote row (2, x); replica identity (id)=(2).',
    })
    expect(said('conflict=delete_missing')[0]).toMatchObject({
      detail: 'Could not find the row to be deleted.\nReplica identity (id)=(3).',
    })
    const [taken] = said('conflict=insert_exists')
    expect(taken.level).toBe('ERROR')
    expect(taken.detail).toMatch(
      /^Key already exists in unique index "t_pkey", modified in transaction \d+\.\nKey \(id\)=\(1\); existing local row \(1, mine\); remote row \(1, theirs\)\.$/,
    )
  })
})
