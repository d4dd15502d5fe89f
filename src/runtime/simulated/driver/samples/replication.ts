// How far the standbys of a server are, as its WAL senders know it.

import type { SampleKind } from './sample.ts'

export const replicationSamples: SampleKind = {
  kind: 'replication.sampled',
  every: 1,
  of(trace) {
    const before = new Map<string, string>()
    return ({ shared, environment: { name } }) => {
      for (const sender of shared.walSenders.list) {
        const { applicationName: standby, phase: state, sent, written, flushed, applied: replayed } = sender
        const sync = shared.synchronousReplication.stateOf(sender)
        const now = [state, sync, sent, written, flushed, replayed].join(' ')
        if (before.get(standby) === now) continue
        before.set(standby, now)
        const place = { node: name, pid: sender.pid, process: sender.process.type }
        trace.emit('replication.sampled', place, { standby, state, sync, sent, written, flushed, replayed })
      }
    }
  },
}
