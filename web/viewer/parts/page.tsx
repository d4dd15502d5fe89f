// One page of a table at the playhead: its line pointers and tuples, with who made them and who ended them.

import { useState } from 'preact/hooks'
import { formatLsn } from '../../../src/model/format.ts'
import { rowsOf } from '../model/samples.ts'
import type { PanelProps } from './inspector.tsx'

export function Page({ view }: PanelProps) {
  const { model, playhead } = view
  const [chosen, choose] = useState<string>()
  const pages = model.nodes.flatMap(node => {
    const names = new Set(model.samples.all('page.sampled', node).map(({ relation, block }) => `${relation} ${block}`))
    return [...names].map(name => ({ node, name, key: `${node} ${name}` }))
  })
  if (pages.length === 0) return <p class="pgv-none">this run has no looks into pages</p>
  const page = pages.find(({ key }) => key === chosen) ?? pages[0]
  const sample = model.samples
    .all('page.sampled', page.node)
    .findLast(({ relation, block, time }) => `${relation} ${block}` === page.name && time <= playhead)
  return (
    <>
      <select aria-label="Page" value={page.key} onChange={event => choose(event.currentTarget.value)}>
        {pages.map(({ key, node, name }) => (
          <option key={key} value={key}>
            {node}: {name.replace(/ (\d+)$/, ', block $1')}
          </option>
        ))}
      </select>
      {!sample ? (
        <p class="pgv-none">not known at this moment</p>
      ) : (
        <>
          <p>
            LSN {formatLsn(sample.lsn)}, {sample.free} bytes free
          </p>
          <table class="pgv-tuples">
            <thead>
              <tr>
                {['line', '', 'xmin', 'xmax', 'ctid', 'values'].map(name => (
                  <th key={name}>{name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rowsOf(sample.lines).map(([state, , xmin, xmax, ctid, flags, values], at) => (
                <tr key={at} class={xmax !== undefined && xmax !== '0' ? 'ended' : state} title={flags}>
                  <td>{at + 1}</td>
                  <td>{state === 'normal' ? '' : state}</td>
                  <td>{xmin}</td>
                  <td>{xmax}</td>
                  <td>{ctid}</td>
                  <td>{values}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </>
  )
}
