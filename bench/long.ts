// A busy node until it has told ten million events, which takes sixteen minutes of its time: what each minute of them
// costs, in time for an event and in memory. Neither may grow.
//
// Every kind of event is told, and none is kept. `node --expose-gc` lets it collect before it looks at the memory.

import { loadScenario } from '../src/index.ts'
import { eventKinds } from '../src/model/trace.ts'
import { minute } from '../src/model/units.ts'
import { run, simulated } from '../src/runtime/index.ts'

const minutes = 16
const decades = [1e4, 1e5, 1e6, 1e7]

const text = `
drill "a busy node"
node primary { shared_buffers = 128MB; checkpoint_timeout = 1min }
setup on primary { builtin = pgbench; scale = 1 }
client busy times 8 on primary every 16ms { workload tpcb-like }
ends ${minutes * 60}s
`

interface Sample {
  readonly events: number
  readonly wall: number
  /** In bytes, after a collection. */
  readonly used: number
  readonly resident: number
}

const { scenarios, diagnostics } = await loadScenario({ name: 'long.drill', text })
if (!scenarios) throw new Error(JSON.stringify(diagnostics))

let events = 0
let acknowledged = 0
const atMinute: Sample[] = []
const atDecade: Sample[] = []

function sample(): Sample {
  const wall = Number(process.hrtime.bigint()) / 1e9
  global.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { events, wall, used: heapUsed + external, resident: rss }
}

const result = await run(scenarios[0], {
  engine: simulated,
  wants: Object.keys(eventKinds) as (keyof typeof eventKinds)[],
  listener(event) {
    events++
    if (event.kind === 'client.acknowledged') acknowledged++
    if (events === decades[atDecade.length]) atDecade.push(sample())
    if (event.time < atMinute.length * minute) return
    atMinute.push(sample())
  },
})
if ('diagnostics' in result) throw new Error(JSON.stringify(result.diagnostics))
atMinute.push(sample())
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
const cost = (from: Sample, to: Sample) =>
  `${(((to.wall - from.wall) * 1e6) / (to.events - from.events)).toFixed(2)} µs`
console.log(
  JSON.stringify([
    [
      'a long run, an event',
      cost(atMinute[0], atMinute[atMinute.length - 1]),
      `${events} events, ${acknowledged} transactions`,
    ],
    ...atDecade
      .slice(1)
      .map((each, index) => [
        `from 10^${index + 4} to 10^${index + 5} events`,
        cost(atDecade[index], each),
        `each, ${megabytes(each.used)} used, ${megabytes(each.resident)} resident`,
      ]),
    ...atMinute
      .slice(1)
      .map((each, index) => [
        `in minute ${index + 1}`,
        cost(atMinute[index], each),
        `each, ${megabytes(each.used)} used, ${megabytes(each.resident)} resident`,
      ]),
  ]),
)
