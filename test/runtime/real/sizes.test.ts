// The same SQL on both engines: tables, indexes, dead rows, HOT updates and WAL come out alike. The same seed gives the
// clients of both the same random numbers, so that it is the same SQL to the letter.

import { describe, expect, test } from 'vitest'
import { type EngineKind, loadScenario, playScenario } from '../../../src/index.ts'
import { postgresEngine } from '../../../src/real.ts'
import { reason } from './server.ts'

interface Workload {
  readonly title: string
  readonly setup: string
  /** A client's script, and how often it plays it. */
  readonly client?: { readonly script: string; readonly transactions: number }
  /** SQL of its own connection after that, each when the one before is done. */
  readonly steps: readonly string[]
  /** With their indexes. */
  readonly tables: Readonly<Record<string, readonly string[]>>
}

const workloads: readonly Workload[] = [
  {
    title: "5,000 of pgbench's transactions at scale 1",
    setup: 'setup on primary { builtin = pgbench; scale = 1 }',
    client: { script: 'workload tpcb-like', transactions: 5000 },
    steps: ['vacuum pgbench_branches;', 'vacuum pgbench_tellers;'],
    tables: {
      pgbench_accounts: ['pgbench_accounts_pkey'],
      pgbench_tellers: ['pgbench_tellers_pkey'],
      pgbench_branches: ['pgbench_branches_pkey'],
      pgbench_history: [],
    },
  },
  ...[100, 70].map(fillfactor => ({
    title: `10,000 random updates at fillfactor ${fillfactor}`,
    setup: `setup on primary $$
  create table t (id int primary key, n int, filler text) with (fillfactor = ${fillfactor});
  insert into t select i, 0, repeat('x', 60) from generate_series(1, 10000) i;
  vacuum analyze t;
$$`,
    client: {
      script: `workload update $$
  \\set id random(1, 10000)
  update t set n = n + 1 where id = :id;
$$`,
      transactions: 10_000,
    },
    steps: ['vacuum t;'],
    tables: { t: ['t_pkey'] },
  })),
  {
    title: 'a bulk delete and vacuums, and the room used again',
    setup: `setup on primary $$
  create table t (id int primary key, n int, filler text);
  create index t_n on t (n);
  insert into t select i, 100000 - i, repeat('x', 60) from generate_series(1, 50000) i;
  vacuum analyze t;
$$`,
    steps: [
      'delete from t where id <= 40000;',
      'vacuum t;',
      // What the first one deleted can be given out as soon as a transaction has passed.
      'select pg_current_xact_id();',
      'vacuum t;',
      "insert into t select i, 100000 - i, repeat('x', 60) from generate_series(50001, 70000) i;",
      'delete from t where id between 45000 and 60000;',
      'vacuum t;',
    ],
    tables: { t: ['t_pkey', 't_n'] },
  },
]

/** By what is measured: the value, as text. */
async function measure(workload: Workload, engine?: EngineKind): Promise<Record<string, string>> {
  const { setup, client, steps, tables } = workload
  const relations = Object.entries(tables).flatMap(([table, indexes]) => [table, ...indexes])
  const measures: Record<string, string> = {
    ...Object.fromEntries(
      relations.flatMap(name => [
        [`size of ${name}`, `select pg_relation_size('${name}')`],
        [`free space map of ${name}`, `select pg_relation_size('${name}', 'fsm')`],
        [`visibility map of ${name}`, `select pg_relation_size('${name}', 'vm')`],
        [`relpages of ${name}`, `select relpages from pg_class where relname = '${name}'`],
        [`reltuples of ${name}`, `select reltuples + 1 from pg_class where relname = '${name}'`],
      ]),
    ),
    // Not n_live_tup: rows count twice if their session tells of them after the vacuum that counts them too, and when it
    // does hangs on the machine's speed.
    ...Object.fromEntries(
      Object.keys(tables).flatMap(name =>
        ['n_tup_ins', 'n_tup_upd', 'n_tup_del', 'n_tup_hot_upd', 'n_dead_tup'].map(column => [
          `${column} of ${name}`,
          `select ${column} from pg_stat_user_tables where relname = '${name}'`,
        ]),
      ),
    ),
  }
  const wal = `that query(primary, $$select pg_current_wal_insert_lsn() - '0/0'$$) >= 0`
  const begin = client ? `when bench.acknowledged = ${client.transactions} then` : 'at 3s'
  const text = `drill "sizes"
postgres 15
seed 7
node primary { autovacuum = off; checkpoint_timeout = 1h; max_wal_size = 10GB; synchronous_commit = off }
${setup}
${client ? `client bench on primary from 3s { transactions = ${client.transactions}; ${client.script} }` : ''}
at 2s expect "WAL 0" ${wal}
${begin} note "The steps begin." as begin
at begin + 2s expect "WAL 1" ${wal}
${steps
  .map((sql, step) => {
    const start = step === 0 ? 'begin + 3s' : `step_${step - 1}.done + 1s`
    return `at ${start} run on primary as step_${step} $$ ${sql} $$
at step_${step}.done + 500ms expect "WAL ${step + 2}" ${wal}`
  })
  .join('\n')}
${Object.entries(measures)
  .map(([title, sql]) => `at end expect "${title}" that query(primary, $m$${sql}$m$) >= 0`)
  .join('\n')}
ends step_${steps.length - 1}.done + 2s
`
  const { scenarios, diagnostics } = await loadScenario({ name: 'sizes.drill', text })
  if (!scenarios) throw new Error(JSON.stringify(diagnostics))
  const played = await playScenario(scenarios[0], { detail: 'lifecycle', ...(engine ? { engine } : {}) })
  if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
  const [{ verdicts }] = played.runs
  expect(verdicts.filter(({ outcome }) => outcome !== 'held')).toEqual([])
  return Object.fromEntries(verdicts.map(({ title, actual }) => [title, actual]))
}

/** What was measured besides the WAL, and the bytes of WAL of each step. */
function split(measured: Record<string, string>, steps: number): { sizes: Record<string, string>; wal: number[] } {
  const sizes = Object.fromEntries(Object.entries(measured).filter(([title]) => !title.startsWith('WAL ')))
  const at = (step: number) => Number(measured[`WAL ${step}`])
  return { sizes, wal: Array.from({ length: steps }, (_, step) => at(step + 1) - at(step)) }
}

describe.skipIf(reason !== '')(`the same SQL leaves the same on both engines ${reason}`, () => {
  for (const workload of workloads) {
    test(workload.title, { timeout: 180_000 }, async () => {
      const simulated = split(await measure(workload), workload.steps.length + 1)
      const real = split(await measure(workload, postgresEngine()), workload.steps.length + 1)
      expect(simulated.sizes).toEqual(real.sizes)
      const differences = simulated.wal.map((bytes, step) => Math.abs(bytes - real.wal[step]))
      // Besides what the step wrote, a real server tells of itself now and then.
      const allowed = real.wal.map(bytes => 0.03 * bytes + 500)
      expect(differences.filter((difference, step) => difference > allowed[step])).toEqual([])
    })
  }
})
