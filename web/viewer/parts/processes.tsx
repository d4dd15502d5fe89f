// The processes at the playhead, node by node, as ps shows them, with what they are doing.

import { processesAt } from '../model/processes.ts'
import { rowsOf } from '../model/samples.ts'
import { states } from '../model/states.ts'
import type { PanelProps } from './inspector.tsx'

export function Processes({ view }: PanelProps) {
  const { model, playhead } = view
  return (
    <>
      {model.nodes.map(node => {
        const sessions = model.samples.last('sessions.sampled', node, playhead)
        const running = new Map(rowsOf(sessions?.sessions ?? '').map(row => [Number(row[0]), row]))
        const processes = processesAt(model, node, playhead)
        return (
          <section key={node}>
            <h3>{node}</h3>
            {processes.length === 0 ? (
              <p class="pgv-none">no process</p>
            ) : (
              <table class="pgv-ps">
                <thead>
                  <tr>
                    <th>pid</th>
                    <th>command</th>
                    <th>state</th>
                  </tr>
                </thead>
                <tbody>
                  {processes.map(({ pid, title, state, doing, lane }) => (
                    <tr key={pid} onClick={() => view.change({ selection: { lane, time: playhead } })}>
                      <td>{pid}</td>
                      <td>
                        {title}
                        {running.get(pid)?.[3] && <small>{running.get(pid)![3]}</small>}
                      </td>
                      <td>
                        <i class={`pgv-swatch pgv-${states[state]}`} /> {doing}
                      </td>
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
