// What the keys and the mouse do.

import { keyTexts } from '../keys.ts'

const mouse: readonly (readonly [string, string])[] = [
  ['Click', 'moves the playhead, and says why what is there happened'],
  ['Drag', 'moves the picture; on the axis, the playhead'],
  ['Wheel', 'scrolls the lanes; with Shift moves, with Ctrl zooms'],
  ['Click on a header', 'shows or folds its lanes'],
]

export function Help({ close }: { readonly close: () => void }) {
  return (
    <div class="pgv-help" role="dialog" aria-label="Help">
      <button type="button" class="pgv-close" onClick={close} aria-label="Close">
        ✕
      </button>
      <dl>
        {[...keyTexts, ...mouse].map(([key, text]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
