// What only SQL tells: with rows that the test gives, and against a real primary with its standby.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { EventKind } from '../../../../src/model/trace.ts'
import { Names } from '../../../../src/runtime/real/names.ts'
import { NodeObserver, type ObservedNode } from '../../../../src/runtime/real/observation/node-observer.ts'
import { ViewObserver } from '../../../../src/runtime/real/observation/view-observer.ts'
import { type Recorder, recorder } from './recorder.ts'
import { isInstalled, RealServer, run, unlessInstalled, until } from './server.ts'

type Row = readonly (string | null)[]

function told({ events }: Recorder): readonly object[] {
  return events.map(({ time: _time, sequence: _sequence, node: _node, ...rest }) => rest)
}

const nowhere: ObservedNode = {
  name: 'primary',
  version: 15,
  logFile: '/nonexistent',
  dataFolder: '/nonexistent',
  postmaster: () => undefined,
  isObserver: () => false,
}

describe('rows', () => {
  let answers: (readonly Row[] | undefined)[]
  let story: Recorder

  async function play(wanted: readonly EventKind[], ...given: typeof answers): Promise<void> {
    answers = [...given]
    story = recorder(...wanted)
    const observer = new ViewObserver(nowhere, story, async () => answers.shift())
    for (const _answer of given) await observer.look()
  }

  const standby = (state: string, sync = 'async', lsn = '0/3000060'): Row => [
    'standby',
    '77',
    's1',
    state,
    sync,
    lsn,
    lsn,
    lsn,
  ]

  test("a standby's state is told while it streams, when it changes, and when it comes back", async () => {
    const streams = [standby('streaming')]
    await play(
      [],
      [standby('catchup')],
      streams,
      streams,
      undefined,
      streams,
      [standby('streaming', 'sync')],
      [],
      streams,
    )
    const place = { pid: 77, process: 'walsender' }
    expect(told(story)).toEqual([
      { kind: 'replication.state', ...place, standby: 's1', state: 'streaming', sync: 'async' },
      { kind: 'replication.state', ...place, standby: 's1', state: 'streaming', sync: 'sync' },
      { kind: 'replication.state', ...place, standby: 's1', state: 'streaming', sync: 'async' },
    ])
  })

  test('acknowledged positions are told where they are wanted; a base backup has none', async () => {
    const backup: Row = ['standby', '78', 'pg_basebackup', 'backup', 'async', null, null, null]
    await play(['replication.acknowledged'], [backup], [standby('catchup')], [standby('catchup')])
    const lsn = 0x3000060
    expect(told(story)).toEqual([
      {
        kind: 'replication.acknowledged',
        pid: 77,
        process: 'walsender',
        standby: 's1',
        written: lsn,
        flushed: lsn,
        replayed: lsn,
      },
    ])
  })

  test('slots, when they change; one that holds no WAL yet has nothing to tell', async () => {
    const slot = (active: string, status: string | null): Row => [
      'slot',
      's1_slot',
      active,
      status,
      null,
      null,
      null,
      null,
    ]
    await play(
      [],
      [slot('false', null)],
      [slot('true', 'reserved')],
      [slot('true', 'reserved')],
      [slot('false', 'lost')],
    )
    expect(told(story)).toEqual([
      { kind: 'slot.changed', slot: 's1_slot', active: true, wal_status: 'reserved' },
      { kind: 'slot.changed', slot: 's1_slot', active: false, wal_status: 'lost' },
    ])
  })

  test('how far the WAL is', async () => {
    const wal = (...positions: Row): Row => ['wal', ...positions, null, null, null, null]
    const primary = [wal('0/100', null, null)]
    await play(
      ['wal.flushed', 'wal.received', 'wal.replayed'],
      primary,
      primary,
      [wal('0/180', null, null)],
      [wal(null, '0/200', '0/1F0')],
    )
    expect(told(story)).toEqual([
      { kind: 'wal.flushed', lsn: 0x100, bytes: 0 },
      { kind: 'wal.flushed', lsn: 0x180, bytes: 0x80 },
      { kind: 'wal.received', lsn: 0x200 },
      { kind: 'wal.replayed', lsn: 0x1f0 },
    ])
  })

  test('it is needed where a kind is wanted that is not always recorded', () => {
    const needs = (...wanted: EventKind[]) => new ViewObserver(nowhere, recorder(...wanted), async () => []).isNeeded
    expect(needs()).toBe(false)
    expect(needs('lock.waited')).toBe(false)
    expect(needs('volume.changed')).toBe(true)
  })
})

describe.skipIf(!isInstalled)(`a real primary with its standby, observed${unlessInstalled}`, () => {
  const closers: (() => unknown)[] = []

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  /** Watches a server, and looks at its views as soon as it lets somebody in. */
  function watch(name: string, server: RealServer, names: Names, wanted: readonly EventKind[]) {
    const story = recorder(...wanted)
    const { logFile, dataFolder } = server
    const postmaster = () => server.postmaster
    const node: ObservedNode = { name, version: 15, logFile, dataFolder, postmaster, isObserver: () => false }
    const observer = new NodeObserver(node, story, names)
    let client: Awaited<ReturnType<RealServer['connect']>> | undefined
    const views = new ViewObserver(node, story, async sql => {
      const answer = await client?.query<(string | null)[]>({ text: sql, rowMode: 'array' as const })
      return answer?.rows
    })
    const timer = setInterval(() => observer.look(), 10)
    closers.push(() => clearInterval(timer))
    return {
      story,
      async connect() {
        client = await server.connect('socket')
        closers.push(() => client?.end())
      },
      look: () => views.look(),
    }
  }

  test('streaming, a slot, and a promotion to a new timeline', async () => {
    const names = new Names()
    const primary = new RealServer()
    closers.push(() => primary.close())
    await primary.initialise('')
    names.server(primary.port, 'primary')
    const wanted: readonly EventKind[] = ['wal.flushed', 'wal.replayed', 'replication.acknowledged']
    const first = watch('primary', primary, names, wanted)
    primary.start()
    await until(() => first.story.of('node.accepting').length === 1)
    await first.connect()

    const standby = new RealServer()
    closers.push(() => standby.close())
    const from = `host=${primary.folder} port=${primary.port} user=postgres`
    run('pg_basebackup', '-d', from, '-D', standby.dataFolder, '-c', 'fast', '-X', 'stream', '-C', '-S', 's1_slot')
    await standby.choosePort()
    names.server(standby.port, 's1')
    const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres application_name=s1`
    standby.configure(`primary_conninfo = '${conninfo}'\nprimary_slot_name = 's1_slot'`)
    writeFileSync(join(standby.dataFolder, 'standby.signal'), '')
    const second = watch('s1', standby, names, wanted)
    standby.start()
    await until(() => second.story.of('node.accepting').length === 1)
    await second.connect()
    expect(second.story.of('node.accepting')).toMatchObject([{ writable: false }])
    expect(second.story.of('recovery.consistent')).toHaveLength(1)
    expect(second.story.of('recovery.started')).toMatchObject([{ timeline: 1 }])
    while (first.story.of('replication.state').length === 0) await first.look()
    expect(first.story.of('replication.state')).toMatchObject([
      { node: 'primary', process: 'walsender', standby: 's1', state: 'streaming', sync: 'async' },
    ])
    expect(first.story.of('slot.changed').at(-1)).toMatchObject({
      slot: 's1_slot',
      active: true,
      wal_status: 'reserved',
    })
    const writer = await primary.connect('socket')
    await writer.query('create table t (id int)')
    await writer.end()
    await first.look()
    const { lsn } = first.story.of('wal.flushed').at(-1)!
    const replayed = () => second.story.of('wal.replayed').at(-1)?.lsn ?? 0
    while (replayed() < lsn) await second.look()
    await first.look()
    expect(first.story.of('replication.acknowledged').at(-1)!.flushed).toBeGreaterThanOrEqual(lsn)

    run('pg_ctl', 'promote', '-D', standby.dataFolder)
    await until(() => second.story.of('node.accepting').length === 2)
    expect(second.story.of('timeline.switched')).toMatchObject([
      { node: 's1', process: 'startup', timeline: 2, from: 1 },
    ])
    expect(second.story.of('timeline.switched')[0].lsn).toBeGreaterThanOrEqual(replayed())
    expect(second.story.of('recovery.redo_done')).toMatchObject([{ timeline: 1 }])
    await until(() => second.story.of('process.exited').some(({ type }) => type === 'walreceiver'))
    // Forked as a backend, as the simulated engine says it.
    await until(() => first.story.of('process.exited').some(({ type }) => type === 'walsender'))
    expect(first.story.of('process.started').some(({ type }) => type === 'walsender')).toBe(false)
  })
})
