// What the sessions of a server run, and in which transaction.

import { type SampleKind, textOf } from './sample.ts'

/** Longer statements are cut off: they are there to be recognised. */
const longest = 160

export const sessionSamples: SampleKind = {
  kind: 'sessions.sampled',
  every: 2,
  of(trace) {
    let before = ''
    return ({ shared, environment: { name } }) => {
      const rows = shared.procArray.procs
        .filter(({ backendType }) => backendType === 'client backend')
        .map(({ pid, xid, xmin, lastStatement = '' }) => [
          pid,
          xid,
          xmin,
          lastStatement.trim().replaceAll(/\s+/g, ' ').slice(0, longest),
        ])
      const sessions = textOf(rows)
      if (sessions === before) return
      before = sessions
      trace.emit('sessions.sampled', { node: name }, { sessions })
    }
  },
}
