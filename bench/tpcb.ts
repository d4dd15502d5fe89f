// How many transactions of pgbench's tpcb-like script the simulation plays in a second of real time, on one core.

import { loadScenario, playScenario } from '../src/index.ts'

const clients = 4
const transactions = 2500

const text = `
drill "tpcb-like"
node primary { shared_buffers = 256MB; checkpoint_timeout = 1h }
setup on primary $$
  create table pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  create table pgbench_tellers (tid int primary key, bid int, tbalance int, filler char(84));
  create table pgbench_accounts (aid int primary key, bid int, abalance int, filler char(84));
  create table pgbench_branches (bid int primary key, bbalance int, filler char(88));
  insert into pgbench_branches (bid, bbalance) values (1, 0);
  insert into pgbench_tellers (tid, bid, tbalance) select i, 1, 0 from generate_series(1, 10) i;
  insert into pgbench_accounts (aid, bid, abalance, filler) select i, 1, 0, '' from generate_series(1, 100000) i;
$$
client bench times ${clients} on primary { transactions = ${transactions}; workload tpcb-like }
`

const { scenarios, diagnostics } = await loadScenario({ name: 'tpcb.drill', text })
if (!scenarios) throw new Error(JSON.stringify(diagnostics))

let begun = 0n
let ended = 0n
const acknowledged = await playScenario(scenarios[0], {
  detail: 'lifecycle',
  listener: event => {
    if (event.kind === 'client.connected' && begun === 0n) begun = process.hrtime.bigint()
    if (event.kind === 'client.finished') ended = process.hrtime.bigint()
  },
})
if ('diagnostics' in acknowledged) throw new Error(JSON.stringify(acknowledged.diagnostics))
const [run] = acknowledged.runs
const count = run.events.filter(({ kind }) => kind === 'client.acknowledged').length
if (count !== clients * transactions) throw new Error(`${count} transactions were acknowledged`)
const wall = Number(ended - begun) / 1e9
const simulated = run.endedAt / 1e9
console.log(
  JSON.stringify([
    ['tpcb-like, simulated', `${Math.round(count / wall)}/s`, 'of real time, on one core (aim: 15000)'],
    ['tpcb-like, in its own time', `${Math.round(count / simulated)}/s`, `with ${clients} clients`],
  ]),
)
