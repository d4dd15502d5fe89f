import { describe, expect, test } from 'vitest'
import { millisecond, second } from '../../../../src/model/units.ts'
import { formatBackupLabel } from '../../../../src/runtime/simulated/recovery/backup-label.ts'
import { CheckpointHistory } from '../../../../src/runtime/simulated/recovery/checkpoint.ts'
import { describeEnd, describeFlags, newStatistics } from '../../../../src/runtime/simulated/recovery/checkpoint-log.ts'
import {
  nextTimeline,
  parseHistory,
  switchPoint,
  timelineAt,
} from '../../../../src/runtime/simulated/recovery/timelines.ts'
import { oldestNeeded } from '../../../../src/runtime/simulated/recovery/wal-retention.ts'
import { checkpointFlags } from '../../../../src/runtime/simulated/shared/requests.ts'
import { versionFacts } from '../../../../src/runtime/simulated/shared/versions.ts'
import { segmentSize } from '../../../../src/runtime/simulated/wal/lsn.ts'
import { Play } from '../processes/play.ts'

describe('timelines', () => {
  const history = parseHistory(
    '1\t0/3000000\tno recovery target specified\n\n2\t0/5000000\tno recovery target specified\n',
    3,
  )

  test('a history has its newest timeline first', () => {
    expect(history).toEqual([
      { timeline: 3, begin: 0x5000000, end: Number.POSITIVE_INFINITY },
      { timeline: 2, begin: 0x3000000, end: 0x5000000 },
      { timeline: 1, begin: 0, end: 0x3000000 },
    ])
  })

  test('a place in the WAL belongs to one of them', () => {
    expect([0x2ffffff, 0x3000000, 0x5000000].map(lsn => timelineAt(history, lsn))).toEqual([1, 2, 3])
    expect([switchPoint(history, 1), switchPoint(history, 3), switchPoint(history, 9)]).toEqual([
      0x3000000,
      Number.POSITIVE_INFINITY,
      undefined,
    ])
    expect([nextTimeline(history, 1), nextTimeline(history, 3)]).toEqual([2, undefined])
  })
})

describe('checkpoints', () => {
  test('are named by what asked for them', () => {
    const { immediate, force, wait, isShutdown, endOfRecovery, causeTime, causeWal, requested } = checkpointFlags
    expect(describeFlags(immediate | force | wait | requested)).toBe('immediate force wait')
    expect(describeFlags(isShutdown | immediate)).toBe('shutdown immediate')
    expect(describeFlags(endOfRecovery | immediate | wait)).toBe('end-of-recovery immediate wait')
    expect(describeFlags(causeTime)).toBe('time')
    expect(describeFlags(causeWal | requested)).toBe('wal')
  })

  test('the line at the end has the counts and times of this one', () => {
    const statistics = {
      ...newStatistics(0),
      segments: { added: 0, removed: 1, recycled: 2 },
      writeStartedAt: millisecond,
      syncStartedAt: 26_329 * millisecond + 1,
      syncEndedAt: 26_332 * millisecond,
      endedAt: 26_335 * millisecond,
      buffers: 2080,
      slruBuffers: 2,
      syncFiles: 3,
      longestSync: 1.2 * millisecond,
      totalSync: 2.4 * millisecond,
    }
    const where = { lsn: 0x2000060, redo: 0x2000028, distance: 20_501 * 1024, estimate: 21_140 * 1024 }
    const line = (version: 15 | 17 | 18) =>
      describeEnd('checkpoint', statistics, 16_384, where, versionFacts(version)).replace(
        /; 0 WAL.*estimate/,
        ' … estimate',
      )
    expect(describeEnd('checkpoint', statistics, 16_384, where, versionFacts(15))).toBe(
      'checkpoint complete: wrote 2082 buffers (12.7%); 0 WAL file(s) added, 1 removed, 2 recycled; write=26.329 s, sync=0.003 s, total=26.335 s; sync files=3, longest=0.002 s, average=0.001 s; distance=20501 kB, estimate=21140 kB',
    )
    expect(line(17)).toBe(
      'checkpoint complete: wrote 2082 buffers (12.7%) … estimate=21140 kB; lsn=0/2000060, redo lsn=0/2000028',
    )
    expect(line(18)).toBe(
      'checkpoint complete: wrote 2080 buffers (12.7%), wrote 2 SLRU buffers … estimate=21140 kB; lsn=0/2000060, redo lsn=0/2000028',
    )
  })

  test('the estimate of the distance rises at once and falls slowly', () => {
    const history = new CheckpointHistory()
    const estimates = [1000, 2000, 0].map(distance => {
      history.learn(distance)
      return history.estimate
    })
    expect(estimates).toEqual([1000, 2000, 1800])
  })

  test('come by time, and only if something has happened', () => {
    const play = new Play()
    const server = play.primary(17, { checkpoint_timeout: '30s' })
    server.start()
    play.until(100 * second)
    const lines = () => play.log().filter(line => line.includes('checkpoint starting'))
    expect(lines()).toEqual([])
    server.environment.host.fork('writer', function* (me) {
      const { wal } = server.shared
      yield* wal.flush(me, wal.insert(me, wal.begin(0, 0x20, 0)))
    })
    play.until(200 * second)
    expect(lines()).toEqual(['[checkpointer] LOG: checkpoint starting: time'])
  })

  test('come when max_wal_size is near, and are warned of when they come too often', () => {
    const play = new Play()
    const server = play.primary(15, { max_wal_size: '64MB', min_wal_size: '32MB' })
    server.start()
    play.until(second)
    server.environment.host.fork('writer', function* (me) {
      const { wal } = server.shared
      for (let count = 0; count < 20_000; count++) {
        const record = wal.begin(0, 0x20, 0)
        record.data.append(new Uint8Array(8000))
        yield* wal.flush(me, wal.insert(me, record))
      }
    })
    play.until(60 * second)
    const lines = play.log().filter(line => /checkpoint starting|too frequently|HINT/.test(line))
    expect(lines.slice(0, 3)).toEqual([
      '[checkpointer] LOG: checkpoints are occurring too frequently (2 seconds apart)',
      '[checkpointer] HINT: Consider increasing the configuration parameter "max_wal_size".',
      '[checkpointer] LOG: checkpoint starting: wal',
    ])
    const segments = server.shared.wal.segments.list().length
    expect(segments).toBeLessThanOrEqual(6)
    expect(play.log().some(line => /[1-9] recycled/.test(line))).toBe(true)
  })
})

describe('WAL is kept', () => {
  function oldest(settings: Record<string, string>, slotAt?: number): number {
    const play = new Play()
    const { environment } = play.primary(17, settings)
    const slots = { requiredLsn: () => slotAt ?? Number.POSITIVE_INFINITY }
    return oldestNeeded(environment, { slots } as never, 50 * segmentSize + 100, 60 * segmentSize)
  }

  test('from the redo point, for slots, and as wal_keep_size has it', () => {
    expect(oldest({})).toBe(50)
    expect(oldest({}, 10 * segmentSize)).toBe(10)
    expect(oldest({ wal_keep_size: '320MB' })).toBe(40)
    expect(oldest({ wal_keep_size: '64MB' })).toBe(50)
    expect(oldest({ wal_keep_size: '16GB' })).toBe(1)
  })

  test('max_slot_wal_keep_size limits what slots hold back', () => {
    expect(oldest({ max_slot_wal_keep_size: '320MB' }, 10 * segmentSize)).toBe(40)
    expect(oldest({ max_slot_wal_keep_size: '0' }, 10 * segmentSize)).toBe(50)
  })
})

test('a backup label', () => {
  const label = formatBackupLabel(
    { redo: 0x2000028, checkpoint: 0x2000060, timeline: 1, fromStandby: false, method: 'streamed' },
    53 * second,
  )
  expect(label.split('\n').slice(0, 5)).toEqual([
    'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)',
    'CHECKPOINT LOCATION: 0/2000060',
    'BACKUP METHOD: streamed',
    'BACKUP FROM: primary',
    'START TIME: 2025-01-01 00:00:53 UTC',
  ])
})
