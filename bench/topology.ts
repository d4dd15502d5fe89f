// A primary, eight standbys and four more behind them, under a thousand transactions a second of pgbench's script: how
// many seconds of the cluster's own time one second of real time plays.

import { loadScenario, playScenario } from '../src/index.ts'
import { second } from '../src/model/units.ts'

const [from, to] = [10, 20]
const standbys = Array.from({ length: 8 }, (_, index) => `standby s${index + 1} of primary`)
const cascades = Array.from({ length: 4 }, (_, index) => `standby c${index + 1} of s${index + 1}`)

const text = `
drill "a topology"
node primary { shared_buffers = 128MB; max_wal_senders = 20 }
${[...standbys, ...cascades].join('\n')}
setup on primary { builtin = pgbench; scale = 1 }
client busy times 10 on primary every 10ms from 4s { workload tpcb-like }
ends ${to}s
`

const { scenarios, diagnostics } = await loadScenario({ name: 'topology.drill', text })
if (!scenarios) throw new Error(JSON.stringify(diagnostics))

let begun = 0n
let transactions = 0
const played = await playScenario(scenarios[0], {
  detail: 'lifecycle',
  listener(event) {
    if (event.time < from * second) return
    if (begun === 0n) begun = process.hrtime.bigint()
    if (event.kind === 'client.acknowledged') transactions++
  },
})
if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
const wall = Number(process.hrtime.bigint() - begun) / 1e9
const simulated = to - from
console.log(
  JSON.stringify([
    [
      'primary, 8 standbys, 4 cascades',
      `${(simulated / wall).toFixed(2)} × real time`,
      `${Math.round(transactions / simulated)} transactions a second (aim: 1 ×)`,
    ],
  ]),
)
