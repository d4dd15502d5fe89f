// Redraws a part when the view changes: at most so many times a second, while it is playing.

import { useEffect, useState } from 'preact/hooks'
import type { View } from '../view.ts'

const pause = 60

export function useView(view: View): void {
  const [, setTurn] = useState(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = view.listen(() => {
      timer ??= setTimeout(
        () => {
          timer = undefined
          setTurn(turn => turn + 1)
        },
        view.isPlaying ? pause : 8,
      )
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [view])
}
