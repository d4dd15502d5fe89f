// The locks at the playhead: who waits for whom first, then what is held.

import { rowsOf } from '../model/samples.ts'
import type { PanelProps } from './inspector.tsx'

export function Locks({ view }: PanelProps) {
  const { model, playhead } = view
  return (
    <>
      {model.nodes.map(node => {
        const sample = model.samples.last('locks.sampled', node, playhead)
        const locks = rowsOf(sample?.locks ?? '')
        const waiting = locks.filter(([, , granted]) => granted === '0')
        const held = locks.filter(([, , granted]) => granted === '1')
        return (
          <section key={node}>
            <h3>{node}</h3>
            {locks.length === 0 && <p class="pgv-none">{sample ? 'no locks' : 'not known at this moment'}</p>}
            {waiting.length > 0 && (
              <ul class="pgv-queue">
                {waiting.map(([pid, mode, , target, blockers]) => (
                  <li key={`${pid} ${mode} ${target}`}>
                    <b>{pid}</b> waits for <b>{blockers === '' ? '?' : blockers.replaceAll(' ', ', ')}</b>
                    <small>
                      {mode} on {target}
                    </small>
                  </li>
                ))}
              </ul>
            )}
            {held.length > 0 && (
              <table>
                <thead>
                  <tr>
                    <th>pid</th>
                    <th>holds</th>
                    <th>on</th>
                  </tr>
                </thead>
                <tbody>
                  {held.map(([pid, mode, , target]) => (
                    <tr key={`${pid} ${mode} ${target}`}>
                      <td>{pid}</td>
                      <td>{mode}</td>
                      <td>{target}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </section>
        )
      })}
    </>
  )
}
