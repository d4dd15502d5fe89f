// Whole drills on the simulated engine.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { formats, loadScenario, plain, playScenario, type ReportedRun } from '../../src/index.ts'
import { File } from '../../src/runtime/simulated/machine/file.ts'
import { TransactionRedo } from '../../src/runtime/simulated/transactions/transaction-redo.ts'
import { Wal } from '../../src/runtime/simulated/wal/wal.ts'
import { failed, play } from '../playing.ts'

/** Short, because tests play it often. */
const shortCrash = (more = '') => `drill "crash"
node primary
setup on primary $$
  create table account (id int primary key, balance int not null);
  insert into account select i, 100 from generate_series(1, 100) i;
$$
client teller times 4 on primary every 5ms { reconnect = 100ms } $$
  \\set id random(1, 100)
  update account set balance = balance - 1 where id = :id;
$$
at 500ms kill backend of random(teller) with KILL as crash
ends 1s
forbid lost_commits
${more}`

const powerCut = `drill "power"
node primary
setup on primary $$ create table entry (id int); $$
client writer times 4 on primary every 2ms { reconnect = 100ms } $$ insert into entry values (1); $$
at 300ms cut power of primary as blackout
at blackout + 200ms start primary as return
ends return.done + 500ms
expect "it is back" within 2s of return that eventually primary.accepting
expect "it was away" from blackout to return that never primary.accepting
forbid lost_commits`

afterEach(() => vi.restoreAllMocks())

const textOf = (runs: readonly ReportedRun[]) =>
  [...formats.text.write(runs, { version: '0', detail: 'storage', styles: plain, width: 120 })].join('')

describe('determinism', () => {
  it('the same scenario and seed give the same bytes', async () => {
    const first = await play('a.drill', shortCrash())
    const second = await play('a.drill', shortCrash())
    expect(textOf(second)).toBe(textOf(first))
    expect(JSON.stringify(second[0].events)).toBe(JSON.stringify(first[0].events))
  })

  it('another seed gives another run', async () => {
    const first = await play('a.drill', shortCrash())
    const second = await play('a.drill', `${shortCrash()}\nseed 2`)
    expect(JSON.stringify(second[0].events)).not.toBe(JSON.stringify(first[0].events))
  })

  it('looking changes nothing: queries of checks leave no trace in the run', async () => {
    const blind = await play('a.drill', shortCrash())
    const seeing = await play(
      'a.drill',
      shortCrash(
        'expect every 10ms from 100ms to 450ms that always query(primary, $$select count(*) from account$$) = 100',
      ),
    )
    expect(seeing[0].verdicts.map(({ outcome }) => outcome)).toEqual(['held', 'held'])
    expect(JSON.stringify(seeing[0].events)).toBe(JSON.stringify(blind[0].events))
  })
})

describe('durability', () => {
  it('survives a crash and a power cut', async () => {
    for (const text of [shortCrash(), powerCut]) {
      const [{ verdicts }] = await play('a.drill', text)
      expect(verdicts.filter(({ outcome }) => outcome !== 'held')).toEqual([])
    }
  })

  it('is gone without the flush at commit, and the invariant says so', async () => {
    const { flush } = Wal.prototype
    vi.spyOn(Wal.prototype, 'flush').mockImplementation(function* (this: Wal, me, lsn) {
      if (me.type !== 'backend') yield* flush.call(this, me, lsn)
    })
    const [{ verdicts }] = await play('a.drill', powerCut)
    const wrong = verdicts.filter(({ outcome }) => outcome !== 'held')
    expect(wrong).toMatchObject([{ title: 'no acknowledged commit is lost', outcome: 'failed' }])
    expect(wrong[0].evidence.length).toBeGreaterThan(0)
  })

  it('is gone on a disk that forgets what it was told to flush', async () => {
    vi.spyOn(File.prototype, 'endFlush').mockImplementation(() => {})
    expect(failed(await play('a.drill', powerCut))).toContain('no acknowledged commit is lost')
  })
})

describe('replicas', () => {
  const pair = `drill "replica"
node primary
standby s1 of primary
setup on primary $$ create table entry (id int) $$
client writer times 2 on primary every 20ms to 2s $$ insert into entry values (1) $$
at 1s restart s1 with immediate
ends 3s
forbid replica_divergence`

  it('go through the commits of the primary in their order', async () => {
    const [{ verdicts }] = await play('a.drill', pair)
    expect(verdicts).toMatchObject([{ outcome: 'held', actual: expect.stringMatching(/^\d{3} replayed/) }])
  })

  it('do not where redo passes over a commit, and the invariant says so', async () => {
    const { redo } = TransactionRedo.prototype
    let replayed = 0
    vi.spyOn(TransactionRedo.prototype, 'redo').mockImplementation(function* (this: TransactionRedo, me, record) {
      if (++replayed !== 20) yield* redo.call(this, me, record) ?? []
    })
    const [{ verdicts }] = await play('a.drill', pair)
    expect(verdicts).toMatchObject([{ outcome: 'failed', actual: expect.stringMatching(/^s1 has replayed commit/) }])
    expect(verdicts[0].evidence).toHaveLength(2)
  })
})

describe('clients', () => {
  it('are told why they cannot connect', async () => {
    const [{ events }] = await play(
      'a.drill',
      `drill "no way in"
node down
node away
node cut
client a on down every 1s from 2s { reconnect = 10s } $$ select 1; $$
client b on away every 1s from 2s { reconnect = 10s } $$ select 1; $$
client c on cut every 1s from 2s { reconnect = 10s; connect_timeout = 1s } $$ select 1; $$
at 1s stop down with fast
at 1s cut power of away
at 1s cut link between c, cut
ends 6s`,
    )
    const errors = events.filter(event => event.kind === 'client.error')
    expect(errors.map(event => [event.client, event.time, event.message])).toEqual([
      ['a', expect.any(Number), 'connection to server at "down", port 5432 failed: Connection refused'],
      ['c', 3_000_000_000, 'connection to server at "cut", port 5432 failed: timeout expired'],
      ['b', 5_000_000_000, 'connection to server at "away", port 5432 failed: No route to host'],
    ])
  })

  it('notice a dead server by keepalive alone where nothing is on its way to it', async () => {
    const [{ events }] = await play(
      'a.drill',
      `drill "silence"
node primary
setup on primary $$ create table t (id int primary key); insert into t values (1); $$
session holder on primary { step hold $$ begin; update t set id = 1; $$ }
client waiter on primary from 100ms { keepalives_idle = 2s; keepalives_interval = 1s; keepalives_count = 3 } $$
  update t set id = 1;
$$
at 50ms play hold
at 1s cut power of primary
ends 20s`,
    )
    const [error] = events.filter(event => event.kind === 'client.error')
    expect(error).toMatchObject({ message: 'could not receive data from server: Connection timed out' })
    expect(error.time).toBeGreaterThan(4_000_000_000)
    expect(error.time).toBeLessThan(8_000_000_000)
  })
})

describe('setups', () => {
  it('that fail are mistakes of the scenario, with their place', async () => {
    const text = `drill "a"
node primary
setup on primary $$
  create table t (id int primary key);
  insert into t values (1), (1);
$$
ends 1s`
    const { scenarios } = await loadScenario({ name: 'a.drill', text })
    const played = await playScenario(scenarios![0], { detail: 'lifecycle' })
    if (!('diagnostics' in played)) throw new Error('it was played')
    const [{ span, message }] = played.diagnostics
    expect(message).toContain('duplicate key value violates unique constraint "t_pkey"')
    expect(text.slice(span.start, span.end)).toBe('insert into t values (1), (1);')
  })

  it('and runs that cost too much are stopped in the middle of a statement', async () => {
    const text = `drill "a"
node primary
setup on primary $$ select count(*) from generate_series(1, 1000000000); $$
ends 1s`
    const { scenarios } = await loadScenario({ name: 'a.drill', text })
    let looks = 0
    const played = await playScenario(scenarios![0], {
      detail: 'lifecycle',
      budget: {
        events: 1e9,
        duration: 1e18,
        isSpent: () => (++looks > 3 ? 'it was stopped: it is too long' : undefined),
      },
    })
    expect(played).toMatchObject({ diagnostics: [{ message: expect.stringContaining('too long') }] })
  })
})

describe("pgbench's own", () => {
  it('tables and scripts are played by name', async () => {
    const runs = await play(
      'a.drill',
      `drill "pgbench"
node primary
setup on primary { builtin = pgbench; scale = 1 }
client bench times 2 on primary {
  transactions = 20
  workload tpcb-like
  workload simple-update { weight = 2 }
  workload select-only { weight = 2 }
}
at end expect "they write history" that query(primary, $$select count(*) from pgbench_history$$) > 5`,
    )
    expect(failed(runs)).toEqual([])
    expect(runs[0].events.filter(({ kind }) => kind === 'client.error')).toEqual([])
  })
})

describe('every process of a pair', () => {
  const processes = [
    ...['backend', 'checkpointer', 'bgwriter', 'walwriter', 'walsender'].map(role => [role, 'primary']),
    ...['checkpointer', 'startup', 'walreceiver', 'postmaster'].map(role => [role, 's1']),
  ]
  const kills = processes.flatMap(([role, node]) => ['KILL', 'QUIT', 'TERM'].map(signal => [role, node, signal]))

  it.each(kills)('%s of %s may be sent %s, and no commit is lost', async (role, node, signal) => {
    const runs = await play(
      'a.drill',
      `drill "kill"
node primary
standby s1 of primary via slot1
setup on primary $$ create table t (id bigserial primary key, v int) $$
client c times 2 on primary every 10ms { reconnect = 50ms } $$ insert into t (v) values (1); $$
at 300ms kill ${role} of ${node} with ${signal} as hit
ends 1500ms
forbid lost_commits`,
    )
    expect(failed(runs)).toEqual([])
  })
})
