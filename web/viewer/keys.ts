// What the keys do. `keyTexts` is what the help says of them.

import { type Tab, tabs, type View } from './view.ts'

export const keyTexts: readonly (readonly [string, string])[] = [
  ['Space', 'play or stop'],
  ['← →', 'the event before, the next event'],
  ['Shift ← →', 'the moment before, the next moment: faults, orders, notes, failed checks'],
  ['A D', 'move left, right'],
  ['W S, + −', 'zoom in, out'],
  ['F', 'to what the run turns on'],
  ['0', 'the whole run'],
  ['< >', 'slower, faster'],
  ['↑ ↓', 'scroll the lanes'],
  ['1 … 8', 'what the inspector shows'],
  ['T', 'light or dark'],
  ['Escape', 'select nothing'],
  ['?', 'this help'],
]

export function onKey(event: KeyboardEvent, view: View, help: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const { tagName } = event.target as HTMLElement
  if (tagName === 'SELECT' || tagName === 'INPUT') return
  const action = actions[event.key] ?? actions[event.key.toLowerCase()]
  const tab: Tab | undefined = tabs[Number(event.key) - 1]
  if (event.key === '?') help()
  else if (tab) view.change({ tab })
  else if (action) action(view, event)
  else return
  event.preventDefault()
}

const actions: Readonly<Record<string, (view: View, event: KeyboardEvent) => void>> = {
  ' ': view => view.change({ isPlaying: !view.isPlaying }),
  ArrowLeft: (view, { shiftKey }) => (shiftKey ? view.toMoment(-1) : view.toEvent(-1)),
  ArrowRight: (view, { shiftKey }) => (shiftKey ? view.toMoment(1) : view.toEvent(1)),
  ArrowUp: view => view.change({ scroll: view.scroll - 40 }),
  ArrowDown: view => view.change({ scroll: view.scroll + 40 }),
  a: view => view.pan(-0.2),
  d: view => view.pan(0.2),
  w: view => view.zoom(0.6),
  s: view => view.zoom(1 / 0.6),
  '+': view => view.zoom(0.6),
  '=': view => view.zoom(0.6),
  '-': view => view.zoom(1 / 0.6),
  f: view => view.show(...view.model.focus),
  '0': view => view.show(0, view.model.end),
  '<': view => view.change({ speed: view.speed / 2 }),
  '>': view => view.change({ speed: view.speed * 2 }),
  t: view => view.change({ theme: view.theme === 'light' ? 'dark' : 'light' }),
  escape: view => view.change({ selection: undefined, isPlaying: false }),
}
