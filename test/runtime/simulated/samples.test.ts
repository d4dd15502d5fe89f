// The looks into servers: they see what is there, they change nothing, and nobody who does not ask for them pays.

import { beforeAll, expect, test } from 'vitest'
import { type EventKind, loadScenario, playScenario, type ReportedRun, type TraceEvent } from '../../../src/index.ts'

const text = `drill "Two writers of one row"
postgres 17
node primary
setup on primary $$
  create table account (id int primary key, balance int not null);
  insert into account values (1, 100), (2, 200);
$$
session first on primary {
  step change $$ begin; update account set balance = 90 where id = 1; $$
  step commit_it $$ commit; $$
}
session second on primary {
  step change_too $$ update account set balance = 80 where id = 1; $$
}
permutation change, change_too, commit_it {
  expect "it waits" that change_too.waited
}
`

const kinds: readonly EventKind[] = [
  'wal.sampled',
  'sessions.sampled',
  'locks.sampled',
  'buffers.sampled',
  'page.sampled',
  'process.waiting',
]

let plain: ReportedRun
let sampled: ReportedRun

async function play(wants: readonly EventKind[]): Promise<ReportedRun> {
  const { scenarios, diagnostics } = await loadScenario({ name: 'test.drill', text })
  expect(diagnostics).toEqual([])
  const played = await playScenario(scenarios![0], { detail: 'activity', wants })
  if ('diagnostics' in played) throw new Error(played.diagnostics[0].message)
  return played.runs[0]
}

beforeAll(async () => {
  plain = await play([])
  sampled = await play(kinds)
})

function all<K extends EventKind>(kind: K): readonly TraceEvent<K>[] {
  return sampled.events.filter(event => event.kind === kind) as unknown as readonly TraceEvent<K>[]
}

/** Rows of the last look before `time`, or at it. */
const rows = (text: string) => text.split('\n').map(row => row.split('\t'))

test('a run is the same whether anybody looks or not', () => {
  const told = ({ events }: ReportedRun) =>
    events.filter(({ kind }) => !kinds.includes(kind)).map(({ sequence: _sequence, cause: _cause, ...rest }) => rest)
  expect(told(sampled)).toEqual(told(plain))
  expect(plain.events.some(({ kind }) => kinds.includes(kind))).toBe(false)
})

test('a look at locks says who waits for whom', () => {
  const waiting = all('locks.sampled').flatMap(({ locks }) => rows(locks).filter(([, , granted]) => granted === '0'))
  expect(waiting.length).toBeGreaterThan(0)
  const [pid, mode, , , blockers] = waiting[0]
  expect(mode).toBe('ShareLock')
  const [waited] = all('lock.waited')
  expect([Number(pid), Number(blockers)]).toEqual([waited.pid, waited.blocker])
})

test('a look at a page shows both versions of the row, and who ended the old one', () => {
  const during = all('page.sampled').map(({ lines }) => rows(lines))
  const changed = during.find(lines => lines.length === 3)!
  const [old, other, fresh] = changed.map(([state, , xmin, xmax, ctid, , values]) => ({
    state,
    xmin,
    xmax,
    ctid,
    values,
  }))
  expect(old).toMatchObject({ state: 'normal', ctid: '(0,3)', values: '1, 100' })
  expect(other).toMatchObject({ xmax: '0', values: '2, 200' })
  expect(fresh).toMatchObject({ xmin: old.xmax, xmax: '0', values: '1, 90' })
})

test('looks at the buffer pool tell what has changed since the one before', () => {
  const pools = new Map<string, readonly string[]>()
  for (const { whole, buffers, used, dirty } of all('buffers.sampled')) {
    if (whole) pools.clear()
    for (const row of rows(buffers)) {
      if (row.length === 1) pools.delete(row[0])
      else pools.set(row[0], row)
    }
    expect(pools.size).toBe(used)
    expect([...pools.values()].filter(row => row[3] === '1')).toHaveLength(dirty)
  }
  expect(pools.size).toBeGreaterThan(5)
})

test('positions of the WAL grow, and the file that they are in is among the segments', () => {
  const looks = all('wal.sampled')
  expect(looks.findLast(({ segments }) => segments)?.segments).toContain('000000010000000000000001')
  const flushed = looks.flatMap(({ flushed = [] }) => flushed)
  expect(flushed.length).toBeGreaterThan(1)
  expect([...flushed].sort((one, other) => one - other)).toEqual(flushed)
})

test('a process that waits for the disk says so, by the name of its version, and goes on', () => {
  const waits = all('process.waiting').filter(({ process }) => process === 'backend')
  const at = waits.findIndex(({ wait_event }) => wait_event === 'WalSync')
  expect(waits[at]).toMatchObject({ wait_event_type: 'IO' })
  const next = waits.slice(at + 1).find(({ pid }) => pid === waits[at].pid)
  expect(next?.wait_event).toBeUndefined()
})
