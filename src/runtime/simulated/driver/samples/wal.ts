// How far a server's WAL is, and which files pg_wal has.

import type { SampleKind } from './sample.ts'

export const walSamples: SampleKind = {
  kind: 'wal.sampled',
  every: 1,
  of(trace) {
    let [before, filesBefore] = ['', '']
    return ({ shared, environment: { name, pgWal } }) => {
      const { wal, walReceiver, recovery } = shared
      const positions = wal.insertAllowed
        ? { timeline: wal.timeline, inserted: wal.insertLsn, written: wal.writtenLsn, flushed: wal.flushedLsn }
        : {
            timeline: recovery.replayedTimeline,
            ...(walReceiver.flushed > 0 ? { received: walReceiver.flushed } : {}),
            ...(recovery.replayedEnd > 0 ? { replayed: recovery.replayedEnd } : {}),
          }
      const segments = pgWal
        .list('pg_wal/')
        .map(path => path.slice('pg_wal/'.length))
        .filter(file => !file.includes('/'))
        .join(' ')
      const now = Object.values(positions).join(' ')
      if (now === before && segments === filesBefore) return
      trace.emit('wal.sampled', { node: name }, { ...positions, ...(segments === filesBefore ? {} : { segments }) })
      before = now
      filesBefore = segments
    }
  },
}
