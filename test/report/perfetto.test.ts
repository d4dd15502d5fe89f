import { beforeAll, describe, expect, test } from 'vitest'
import { formats, plain, type ReportedRun } from '../../src/index.ts'
import { play } from '../playing.ts'
import { killBackendRun } from './kill-backend.ts'
import { Story } from './story.ts'

interface Entry {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly id: number
  readonly cat: string
  readonly args: Readonly<Record<string, unknown>>
}

const options = { version: '0', detail: 'lifecycle', styles: plain, width: 120 } as const

describe.each([
  ['scenarios/02-crash/kill-backend.drill', /^SIGQUIT$/],
  ['scenarios/03-replication/cascade.drill', /^WAL up to /],
  ['scenarios/04-locks/lock-queue-behind-alter-table.drill', /^connects$/],
])('%s', (file, sent) => {
  let runs: readonly ReportedRun[]
  let entries: readonly Entry[]
  const of = (ph: string) => entries.filter(entry => entry.ph === ph)
  const track = ({ pid, tid }: Entry) => `${pid} ${tid}`
  const names = (kind: string) => of('M').filter(({ name }) => name === kind)

  beforeAll(async () => {
    runs = await play(file, undefined, { wants: formats.perfetto.needs })
    entries = JSON.parse([...formats.perfetto.write(runs, options)].join('')).traceEvents
  }, 60_000)

  test('every track has a name, each its own', () => {
    const threads = new Map(names('thread_name').map(entry => [track(entry), entry.args.name]))
    const processes = new Map(names('process_name').map(({ pid, args }) => [pid, args.name]))
    const unnamed = entries.filter(
      entry => entry.ph !== 'M' && (!processes.has(entry.pid) || (entry.ph !== 'C' && !threads.has(track(entry)))),
    )
    expect(unnamed).toEqual([])
    expect(new Set(names('process_name').map(({ pid }) => pid)).size).toBe(names('process_name').length)
    expect(new Set(names('thread_name').map(track)).size).toBe(names('thread_name').length)
    const shown = new Set(names('thread_name').map(({ args }) => args.name))
    for (const { events } of runs) {
      const started = events.filter(event => event.kind === 'process.started')
      // A backend may become a walsender: its last name is shown.
      const last = started.map(({ node, pid }) => events.findLast(event => event.node === node && event.pid === pid)!)
      for (const { process, pid } of last) expect(shown).toContain(`${process} ${pid}`)
    }
  })

  test('no slice lasts less than nothing, and those of a track lie beside or within each other', () => {
    expect(of('X').length).toBeGreaterThan(20)
    expect(entries.filter(({ ts, dur }) => ts < 0 || dur < 0)).toEqual([])
    // Microseconds with three digits behind the point do not add up to the last bit.
    const end = ({ ts, dur }: Entry) => Math.round((ts + dur) * 1000) / 1000
    const around = new Map<string, Entry[]>()
    for (const slice of of('X').toSorted((one, other) => one.ts - other.ts || other.dur - one.dur)) {
      const open = around.get(track(slice)) ?? []
      around.set(track(slice), open)
      while (open.length > 0 && end(open.at(-1)!) <= slice.ts) open.pop()
      if (open.length > 0) expect(end(slice)).toBeLessThanOrEqual(end(open.at(-1)!))
      open.push(slice)
    }
  })

  test('flows come in pairs, forwards in time, from slice to slice', () => {
    const starts = new Map(of('s').map(entry => [entry.id, entry]))
    expect(starts.size).toBe(of('s').length)
    expect(of('f').map(({ id }) => id)).toEqual(of('s').map(({ id }) => id))
    const lives = new Map<string, Entry>()
    for (const slice of of('X')) {
      const longest = lives.get(track(slice))
      if (!longest || slice.dur > longest.dur) lives.set(track(slice), slice)
    }
    const covered = (entry: Entry) => {
      const life = lives.get(track(entry))!
      return life.ts <= entry.ts && entry.ts <= life.ts + life.dur + 1e-6
    }
    for (const end of of('f')) {
      const start = starts.get(end.id)!
      expect(end.ts).toBeGreaterThanOrEqual(start.ts)
      expect(track(end)).not.toBe(track(start))
      expect([start, end].filter(entry => !covered(entry))).toEqual([])
    }
    const told = of('s').map(({ name }) => name)
    expect(told).toContain('fork')
    expect(told.filter(name => sent.test(name))).not.toEqual([])
  })

  test('counters tell of every node that has WAL, and only forwards', () => {
    expect(of('C').length).toBeGreaterThan(0)
    for (const { args } of of('C')) expect(args.value).toBeGreaterThanOrEqual(0)
    const acknowledged = runs.some(({ events }) => events.some(({ kind }) => kind === 'client.acknowledged'))
    expect(of('C').some(({ name }) => name === 'commits/s')).toBe(acknowledged)
  })
})

const slicesOf = (runs: readonly ReportedRun[]): Entry[] =>
  JSON.parse([...formats.perfetto.write(runs, options)].join('')).traceEvents.filter(({ ph }: Entry) => ph === 'X')

test('what lasts is shown: statements, lock waits, checkpoints, streaming', async () => {
  const slices = async (file: string) => {
    const runs = await play(file, undefined, { wants: formats.perfetto.needs })
    return new Set(slicesOf(runs).map(({ name }) => name))
  }
  const crash = await slices('scenarios/02-crash/kill-backend.drill')
  expect([...crash]).toEqual(
    expect.arrayContaining(['UPDATE', 'COMMIT', 'idle in transaction', 'waits for ShareLock', 'transaction']),
  )
  expect([...crash].filter(name => name.startsWith('checkpoint: end-of-recovery'))).toHaveLength(1)
  expect([...(await slices('scenarios/03-replication/cascade.drill'))]).toContain('streaming')
})

test("a worker's vacuums follow one another", () => {
  const story = new Story()
  story.tell(1, 'primary postmaster 100', 'process.started', { type: 'postmaster', parent: 1 })
  story.tell(2, 'primary autovacuum worker 107', 'process.started', { type: 'autovacuum worker', parent: 100 })
  const found = { removed: 10, remaining: 1, pages: 3 }
  story.tell(3, 'primary autovacuum worker 107', 'vacuum.finished', { relation: 'account', ...found })
  story.tell(5, 'primary autovacuum worker 107', 'vacuum.finished', { relation: 'branch', ...found })
  story.tell(5.1, 'primary autovacuum worker 107', 'process.exited', { type: 'autovacuum worker', code: 0 })
  const run = { ...killBackendRun(), events: story.events }
  const vacuums = slicesOf([run]).filter(({ name }) => name.startsWith('vacuum '))
  expect(vacuums.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
    ['vacuum account', 2e6, 1e6],
    ['vacuum branch', 3e6, 2e6],
  ])
})
