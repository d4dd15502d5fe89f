// The same SQL on both engines: tables, indexes, dead rows, HOT updates and WAL come out alike. The same seed gives the
// clients of both the same random numbers, so that it is the same SQL to the letter.

import { describe, expect, test } from 'vitest'
import { type EngineKind, loadScenario, playScenario } from '../../../src/index.ts'
import { postgresEngine } from '../../../src/real.ts'
import { reason } from './server.ts'

interface Workload {
  readonly title: string
  readonly setup: string
  readonly script: string
  readonly transactions: number
  readonly relations: readonly string[]
}

const workloads: readonly Workload[] = [
  {
    title: "5,000 of pgbench's transactions at scale 1",
    setup: 'setup on primary { builtin = pgbench; scale = 1 }',
    script: '{ transactions = 5000; workload tpcb-like }',
    transactions: 5000,
    relations: [
      'pgbench_accounts',
      'pgbench_accounts_pkey',
      'pgbench_tellers',
      'pgbench_tellers_pkey',
      'pgbench_branches',
      'pgbench_branches_pkey',
      'pgbench_history',
    ],
  },
  ...[100, 70].map(fillfactor => ({
    title: `10,000 random updates at fillfactor ${fillfactor}`,
    setup: `setup on primary $$
  create table t (id int primary key, n int, filler text) with (fillfactor = ${fillfactor});
  insert into t select i, 0, repeat('x', 60) from generate_series(1, 10000) i;
  vacuum analyze t;
$$`,
    script: `{ transactions = 10000 } $$
  \\set id random(1, 10000)
  update t set n = n + 1 where id = :id;
$$`,
    transactions: 10000,
    relations: ['t', 't_pkey'],
  })),
]

/** By what is measured: the value, as text. */
async function measure(workload: Workload, engine?: EngineKind): Promise<Record<string, string>> {
  const { setup, script, relations } = workload
  const measures: Record<string, string> = {
    WAL: `select pg_current_wal_insert_lsn() - '0/0'`,
    ...Object.fromEntries(
      relations.flatMap(name => [
        [`size of ${name}`, `select pg_relation_size('${name}')`],
        [`free space map of ${name}`, `select pg_relation_size('${name}', 'fsm')`],
        [`visibility map of ${name}`, `select pg_relation_size('${name}', 'vm')`],
      ]),
    ),
  }
  const expectations = Object.entries(measures).map(
    ([title, sql]) => `expect "${title}" that query(primary, $m$${sql}$m$) >= 0`,
  )
  const text = `drill "sizes"
postgres 15
seed 7
node primary { autovacuum = off; checkpoint_timeout = 1h; max_wal_size = 10GB }
${setup}
client bench on primary from 3s ${script}
at 2s expect "WAL before" that query(primary, $$select pg_current_wal_insert_lsn() - '0/0'$$) >= 0
${expectations.join('\n')}
`
  const { scenarios, diagnostics } = await loadScenario({ name: 'sizes.drill', text })
  if (!scenarios) throw new Error(JSON.stringify(diagnostics))
  const played = await playScenario(scenarios[0], { detail: 'lifecycle', ...(engine ? { engine } : {}) })
  if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
  const [{ verdicts }] = played.runs
  expect(verdicts.filter(({ outcome }) => outcome !== 'held')).toEqual([])
  return Object.fromEntries(verdicts.map(({ title, actual }) => [title, actual]))
}

describe.skipIf(reason !== '')(`the same SQL leaves the same on both engines ${reason}`, () => {
  for (const workload of workloads) {
    test(workload.title, { timeout: 180_000 }, async () => {
      const simulated = await measure(workload)
      const real = await measure(workload, postgresEngine())
      const { WAL: simulatedEnd, 'WAL before': simulatedStart, ...simulatedSizes } = simulated
      const { WAL: realEnd, 'WAL before': realStart, ...realSizes } = real
      expect(simulatedSizes).toEqual(realSizes)
      const written = Number(simulatedEnd) - Number(simulatedStart)
      const expected = Number(realEnd) - Number(realStart)
      expect(Math.abs(written - expected) / expected).toBeLessThan(0.03)
    })
  }
})
