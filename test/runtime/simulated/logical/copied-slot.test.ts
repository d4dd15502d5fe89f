// The story of PostgreSQL's 010_logical_decoding_timelines.pl: a copy of a server's files, taken while it is down, has its
// logical slots, and after a promotion their readers go on there, over the switch of timelines, whether they ask in SQL or
// over the replication protocol. Base backups have none.

import { beforeAll, expect, test } from 'vitest'
import { second } from '../../../../src/model/units.ts'
import { bootstrapFiles } from '../../../../src/runtime/simulated/catalog/bootstrap.ts'
import { openReceiver, type SimulatedReceiver } from '../../../../src/runtime/simulated/driver/receive.ts'
import { Random } from '../../../../src/runtime/simulated/kernel/random.ts'
import { processTypes } from '../../../../src/runtime/simulated/processes/index.ts'
import { installCluster } from '../../../../src/runtime/simulated/recovery/initdb.ts'
import { Server } from '../../../../src/runtime/simulated/server.ts'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { systemViews } from '../../../../src/runtime/simulated/views/views.ts'
import { Client, Play } from '../processes/play.ts'
import { TestSession } from '../sql/server.ts'

beforeAll(loadParser)

const settings = {
  wal_level: 'logical',
  max_replication_slots: '3',
  hot_standby_feedback: 'on',
  wal_receiver_status_interval: '1s',
}

class Pair {
  private readonly play = new Play()
  readonly primary = this.make('primary', {})
  readonly replica = this.make('replica', {
    primary_conninfo: 'host=primary port=5432 user=postgres',
    primary_slot_name: 'phys_slot',
  })
  private now = 0

  private make(name: string, more: Record<string, string>): Server {
    const { environment } = this.play.server(name, 15, { ...settings, ...more })
    return new Server(environment, processTypes, systemViews)
  }

  run(seconds: number): void {
    this.now += Math.round(seconds * second)
    this.play.until(this.now)
  }

  session(node: 'primary' | 'replica'): TestSession {
    const session = new TestSession(this, new Client(this.play, node))
    this.run(0.1)
    return session
  }

  start(server: Server): void {
    server.start()
    this.run(1)
  }

  stop(server: Server, signal: 'INT' | 'QUIT'): void {
    server.postmaster!.signal(signal)
    this.run(1)
  }

  /** All that is on the primary's disk, and a standby.signal. */
  copy(): void {
    const { data: from } = this.primary.environment
    const { data: to } = this.replica.environment
    for (const path of from.list('')) to.install(path, from.peek(path).slice())
    to.install('standby.signal', new Uint8Array(0))
  }

  /** What pg_recvlogical prints until it has come to `end`, or what it complains of. */
  receive(server: Server, slot: string, end: string): readonly string[] {
    const lines: string[] = []
    const { host, network } = this.primary.environment
    const options = ['include-xids=0', 'skip-empty-xacts=1']
    host.fork('pg_recvlogical', function* (me) {
      const request = {
        kind: 'receive',
        from: 'reader',
        node: server.environment.name,
        database: 'postgres',
        slot,
        options,
        end,
      } as const
      const opened = yield* openReceiver(me, request, server, network)
      if (!('receiver' in opened)) {
        lines.push(opened.refused!)
        return
      }
      const receiver = opened.receiver as SimulatedReceiver
      for (let next = yield* receiver.next(me); ; next = yield* receiver.next(me)) {
        if ('ended' in next) return
        lines.push(next.line)
      }
    })
    this.run(1)
    return lines
  }

  promote(): void {
    this.replica.environment.data.create('promote')
    this.replica.postmaster!.signal('USR1')
    this.run(1)
  }
}

test('a copy of the files has the slot, a slot that was made later is not there', () => {
  const pair = new Pair()
  const { primary, replica } = pair
  installCluster(primary.environment, new Random(1), bootstrapFiles(primary.environment.version, 716))
  pair.start(primary)
  const before = pair.session('primary')
  before.query(`select pg_create_logical_replication_slot('before_basebackup', 'test_decoding')`)
  before.query('create table decoding (blah text)')
  before.query(`insert into decoding (blah) values ('beforebb')`)
  before.query('checkpoint')
  pair.stop(primary, 'INT')
  pair.copy()
  pair.start(primary)
  const session = pair.session('primary')
  session.query(`select pg_create_physical_replication_slot('phys_slot')`)
  pair.start(replica)
  session.query(`select pg_create_logical_replication_slot('after_basebackup', 'test_decoding')`)
  session.query(`insert into decoding (blah) values ('afterbb')`)
  session.query('checkpoint')
  pair.run(3)

  const standby = pair.session('replica')
  expect(standby.rows('select slot_name from pg_replication_slots')).toEqual([['before_basebackup']])
  // What the copied slot needs of the catalogs is held on the primary too.
  const [[xmin, catalogXmin]] = session.rows(
    `select xmin, catalog_xmin from pg_replication_slots where slot_name = 'phys_slot'`,
  )
  expect(Number(catalogXmin)).toBeGreaterThan(0)
  expect(Number(xmin)).toBeGreaterThanOrEqual(Number(catalogXmin))

  pair.stop(primary, 'QUIT')
  pair.promote()
  standby.query(`insert into decoding (blah) values ('after failover')`)
  const peek = (slot: string) =>
    `select data from pg_logical_slot_peek_changes('${slot}', null, null, 'include-xids', '0', 'skip-empty-xacts', '1')`
  expect(standby.query(peek('after_basebackup'))).toMatchObject([
    { kind: 'error', message: 'replication slot "after_basebackup" does not exist' },
  ])
  const row = (text: string) => ['BEGIN', `table public.decoding: INSERT: blah[text]:'${text}'`, 'COMMIT']
  const all = [...row('beforebb'), ...row('afterbb'), ...row('after failover')]
  expect(standby.rows(peek('before_basebackup')).map(([data]) => data)).toEqual(all)

  const [[end]] = standby.rows(
    `select lsn from pg_logical_slot_peek_changes('before_basebackup', null, null) order by lsn desc limit 1`,
  )
  expect(pair.receive(replica, 'after_basebackup', `${end}`)).toEqual([
    expect.stringContaining('ERROR:  replication slot "after_basebackup" does not exist'),
  ])
  expect(pair.receive(replica, 'before_basebackup', `${end}`)).toEqual(all)
  expect(standby.rows(peek('before_basebackup'))).toEqual([])
})
