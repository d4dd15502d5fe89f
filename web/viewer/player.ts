// Lets the playhead run while the view is playing, and the stretch follow it.

import type { View } from './view.ts'

/** Gives what stops it for good. */
export function play(view: View): () => void {
  let frame = 0
  let before = 0
  const turn = (now: number) => {
    frame = 0
    if (!view.isPlaying) return
    const time = view.playhead + ((now - before) / 1000) * view.speed
    before = now
    if (time >= view.model.end) {
      view.change({ playhead: view.model.end, isPlaying: false })
      return
    }
    const span = view.to - view.from
    view.playhead = time
    if (time > view.from + span * 0.8) view.show(time - span * 0.8, time + span * 0.2)
    else view.change({})
    frame = requestAnimationFrame(turn)
  }
  const stop = view.listen(() => {
    if (!view.isPlaying || frame !== 0) return
    before = performance.now()
    frame = requestAnimationFrame(turn)
  })
  return () => {
    cancelAnimationFrame(frame)
    stop()
  }
}
