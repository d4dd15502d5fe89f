// How many events the kernel steps through in a second, against a bare loop of a heap and generators in the same run.

import TinyQueue from 'tinyqueue'
import { Kernel } from '../src/runtime/simulated/kernel/kernel.ts'
import { Host } from '../src/runtime/simulated/machine/host.ts'
import { Trace } from '../src/runtime/trace.ts'

const sleepers = 64
const events = 1_000_000

/** The least that any simulation with coroutines has to do. */
function bareLoop(): number {
  interface Entry {
    readonly time: number
    readonly sequence: number
    readonly sleeper: Generator<number, void, void>
  }
  const queue = new TinyQueue<Entry>([], (a, b) => a.time - b.time || a.sequence - b.sequence)
  let now = 0
  let sequence = 0
  function* sleeper(every: number): Generator<number, void, void> {
    for (;;) yield now + every
  }
  const begun = process.hrtime.bigint()
  for (let each = 0; each < sleepers; each++) {
    const made = sleeper(1000 + each)
    queue.push({ time: made.next().value as number, sequence: ++sequence, sleeper: made })
  }
  for (let count = 0; count < events; count++) {
    const { time, sleeper } = queue.pop()!
    now = time
    queue.push({ time: sleeper.next().value as number, sequence: ++sequence, sleeper })
  }
  return events / (Number(process.hrtime.bigint() - begun) / 1e9)
}

/** The same with processes that sleep. */
function kernelLoop(): number {
  const kernel = new Kernel(1)
  const trace = new Trace(
    () => kernel.now,
    [],
    () => {},
  )
  const host = new Host(kernel, trace, 'host', { cpus: 4, firstPid: 100 })
  for (let each = 0; each < sleepers; each++) {
    host.fork('sleeper', function* (me) {
      for (;;) yield* me.sleep(1000 + each, 'Bench')
    })
  }
  const begun = process.hrtime.bigint()
  while (kernel.steps < events) kernel.step()
  return events / (Number(process.hrtime.bigint() - begun) / 1e9)
}

/** The best of five: what disturbs only makes it slower. */
function best(measure: () => number): number {
  return Math.max(...Array.from({ length: 5 }, measure))
}

const bare = best(bareLoop)
const kernel = best(kernelLoop)
const perSecond = (rate: number) => `${(rate / 1e6).toFixed(2)} M/s`
console.log(
  JSON.stringify([
    ['heap and generators, bare', perSecond(bare), ''],
    ['kernel events', perSecond(kernel), `${(kernel / bare).toFixed(2)} of bare (aim: 0.5)`],
  ]),
)
