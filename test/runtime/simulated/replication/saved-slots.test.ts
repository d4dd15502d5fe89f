// What of a logical slot is on the platter after a shutdown: the story of PostgreSQL's
// 038_save_logical_slots_shutdown.pl. A consumer that knows by itself how far it is leaves its slot clean.

import { expect, test } from 'vitest'
import { second } from '../../../../src/model/units.ts'
import { newLogicalSlot } from '../../../../src/runtime/simulated/replication/logical-slot.ts'
import { decode, statePath } from '../../../../src/runtime/simulated/replication/slot-file.ts'
import { Play } from '../processes/play.ts'

test.each([
  [15, 0],
  [16, 0],
  [17, 4711],
  [18, 4711],
] as const)('%i: a shutdown writes how far the consumer is', (version, expected) => {
  const play = new Play()
  const server = play.primary(version, { wal_level: 'logical' })
  server.start()
  play.until(second)
  const { slots, wal } = server.shared
  server.environment.host.fork('consumer', function* (me) {
    const slot = yield* slots.create(me, 'reader', wal.insertLsn, newLogicalSlot('test_decoding', 5))
    slot.logical!.confirmedFlush = 4711
  })
  play.until(2 * second)
  server.postmaster!.signal('INT')
  play.until(4 * second)
  expect(server.processesAlive()).toEqual([])
  const { data } = server.environment
  const saved = decode('reader', data.peek(statePath('reader')), 0)
  expect(saved.logical!.confirmedFlush).toBe(expected)
})
