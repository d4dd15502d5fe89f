// The buffer pool at the playhead: a field of pages, one square each. Colour says clean or dirty, a frame that it is
// pinned, brightness how much it is used.

import { formatCount } from '../../../src/model/format.ts'
import { buffersAt } from '../model/buffers.ts'
import type { PanelProps } from './inspector.tsx'

/** More squares than these are not drawn. */
const most = 4096

/** A few are drawn large, many small. */
const sizeOf = (used: number) => (used < 600 ? 'few' : used > 1500 ? 'many' : '')

export function Buffers({ view }: PanelProps) {
  const { model, playhead } = view
  return (
    <>
      <p class="pgv-key">
        <i class="pgv-page clean u3" /> clean <i class="pgv-page dirty u3" /> dirty{' '}
        <i class="pgv-page clean u3 pinned" /> pinned <i class="pgv-page clean u0" />
        <i class="pgv-page clean u5" /> usage 0 to 5
      </p>
      {model.nodes.map(node => {
        const pool = buffersAt(model.samples, node, playhead)
        return (
          <section key={node}>
            <h3>{node}</h3>
            {!pool ? (
              <p class="pgv-none">not known at this moment</p>
            ) : (
              <>
                <p>
                  {formatCount(pool.used)} of {formatCount(pool.size)} buffers used, {formatCount(pool.dirty)} dirty,{' '}
                  {formatCount(pool.pinned)} pinned
                  {pool.used > most && `; the first ${formatCount(most)} are shown`}
                </p>
                <div class={`pgv-field ${sizeOf(pool.used)}`}>
                  {pool.pages.slice(0, most).map(page => (
                    <i
                      key={page.buffer}
                      title={`buffer ${page.buffer}: block ${page.block} of ${page.file}, usage ${page.usage}${page.pins > 0 ? `, ${page.pins} pins` : ''}`}
                      class={`pgv-page ${page.dirty ? 'dirty' : 'clean'} u${page.usage}${page.pins > 0 ? ' pinned' : ''}`}
                    />
                  ))}
                </div>
              </>
            )}
          </section>
        )
      })}
    </>
  )
}
