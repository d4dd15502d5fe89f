// The WAL at the playhead: how far each node is, the segments of pg_wal, and how far the standbys are.

import { formatLsn, formatSize } from '../../../src/model/format.ts'
import type { TraceEvent } from '../../../src/model/trace.ts'
import type { PanelProps } from './inspector.tsx'

const positions = ['inserted', 'written', 'flushed', 'received', 'replayed'] as const

export function Wal({ view }: PanelProps) {
  const { model, playhead } = view
  return (
    <>
      {model.nodes.map(node => {
        const sample = model.samples.last('wal.sampled', node, playhead)
        const segments = model.samples
          .all('wal.sampled', node)
          .findLast(({ time, segments }) => time <= playhead && segments !== undefined)?.segments
        return (
          <section key={node}>
            <h3>{node}</h3>
            {!sample ? (
              <p class="pgv-none">not known at this moment</p>
            ) : (
              <table>
                <tbody>
                  {positions.map(position => {
                    const lsn = sample[position]
                    return (
                      lsn !== undefined && (
                        <tr key={position}>
                          <th>{position}</th>
                          <td>{formatLsn(lsn)}</td>
                        </tr>
                      )
                    )
                  })}
                  <tr>
                    <th>timeline</th>
                    <td>{sample.timeline}</td>
                  </tr>
                </tbody>
              </table>
            )}
            <Standbys samples={standbysAt(view, node)} />
            {segments !== undefined && (
              <ul class="pgv-segments" aria-label="pg_wal">
                {segments
                  .split(' ')
                  .filter(Boolean)
                  .map(name => (
                    <li key={name}>{name}</li>
                  ))}
              </ul>
            )}
          </section>
        )
      })}
    </>
  )
}

/** The last of each standby, as long as there is news of it. */
function standbysAt(
  { model, playhead }: PanelProps['view'],
  node: string,
): readonly TraceEvent<'replication.sampled'>[] {
  const byName = new Map<string, TraceEvent<'replication.sampled'>>()
  for (const sample of model.samples.all('replication.sampled', node)) {
    if (sample.time > playhead) break
    byName.set(sample.standby, sample)
  }
  return [...byName.values()]
}

function Standbys({ samples }: { readonly samples: readonly TraceEvent<'replication.sampled'>[] }) {
  if (samples.length === 0) return null
  return (
    <table>
      <thead>
        <tr>
          {['standby', 'state', 'flushed', 'replayed', 'behind'].map(name => (
            <th key={name}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {samples.map(({ standby, state, sync, sent, flushed, replayed }) => (
          <tr key={standby}>
            <td>{standby}</td>
            <td>{[state, sync].filter(Boolean).join(', ')}</td>
            <td>{formatLsn(flushed)}</td>
            <td>{formatLsn(replayed)}</td>
            <td>{formatSize(Math.max(0, sent - replayed))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
