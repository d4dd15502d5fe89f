// The whole run in a strip: how much happened when, the moments it turns on, and which stretch is shown below. Dragging
// chooses a stretch; a click moves it there.

import { useEffect, useRef } from 'preact/hooks'
import { palettes } from '../draw/palette.ts'
import { fonts } from '../draw/pen.ts'
import { gutter } from '../draw/picture.ts'
import { Scale, ticksOf, tickText } from '../draw/scale.ts'
import { signs } from '../model/moments.ts'
import { firstFrom } from '../model/search.ts'
import type { View } from '../view.ts'

const height = 46

export function Overview({ view }: { readonly view: View }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current!
    const strip = new Strip(element, view)
    const stop = view.listen(() => strip.request())
    const observer = new ResizeObserver(() => strip.request())
    observer.observe(element.parentElement!)
    return () => {
      observer.disconnect()
      stop()
      strip.stop()
    }
  }, [view])
  return (
    <div class="pgv-overview">
      <span class="pgv-overview-name">the whole run</span>
      <canvas ref={canvas} aria-label="The whole run" />
    </div>
  )
}

class Strip {
  private readonly canvas: HTMLCanvasElement
  private readonly view: View
  private requested = 0
  private from: number | undefined

  constructor(canvas: HTMLCanvasElement, view: View) {
    this.canvas = canvas
    this.view = view
    canvas.onpointerdown = event => {
      canvas.setPointerCapture(event.pointerId)
      this.from = event.offsetX
    }
    canvas.onpointermove = event => {
      if (this.from === undefined || Math.abs(event.offsetX - this.from) < 4) return
      const scale = this.scale()
      const ends = [scale.time(this.from), scale.time(event.offsetX)]
      view.show(Math.min(...ends), Math.max(...ends))
    }
    canvas.onpointerup = event => {
      if (this.from !== undefined && Math.abs(event.offsetX - this.from) < 4) {
        const time = this.scale().time(event.offsetX)
        const half = (view.to - view.from) / 2
        view.show(time - half, time + half)
      }
      this.from = undefined
    }
    this.request()
  }

  request(): void {
    if (this.requested === 0) {
      this.requested = requestAnimationFrame(() => {
        this.requested = 0
        this.draw()
      })
    }
  }

  stop(): void {
    cancelAnimationFrame(this.requested)
  }

  private scale(): Scale {
    return new Scale(0, this.view.model.end, gutter, this.canvas.clientWidth - 8)
  }

  private draw(): void {
    const { canvas, view } = this
    const width = canvas.parentElement!.clientWidth
    const ratio = window.devicePixelRatio || 1
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
      canvas.style.width = `${width}px`
    }
    const context = canvas.getContext('2d')
    if (!context || width === 0) return
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const palette = palettes[view.theme]
    const scale = this.scale()
    context.fillStyle = palette.paper
    context.fillRect(0, 0, width, height)
    this.drawActivity(context, scale)
    this.drawAxis(context, scale)
    const [left, right] = [Math.max(scale.left, scale.x(view.from)), Math.min(scale.right, scale.x(view.to))]
    context.fillStyle = palette.states.running
    context.globalAlpha = 0.22
    context.fillRect(left, 0, Math.max(3, right - left), height)
    context.globalAlpha = 1
    context.strokeStyle = palette.states.running
    context.lineWidth = 1.5
    context.strokeRect(left, 1, Math.max(3, right - left), height - 2)
    this.drawMoments(context, scale)
    context.fillStyle = palette.playhead
    context.fillRect(scale.x(view.playhead) - 0.5, 0, 1, height)
  }

  /** How many commits there were, or events where there are no commits, a column two pixels. */
  private drawActivity(context: CanvasRenderingContext2D, scale: Scale): void {
    const { commits, times: all } = this.view.model
    const times = commits.times.length > 0 ? commits.times : all
    const counts: number[] = []
    let before = firstFrom(times, 0)
    for (let x = scale.left; x < scale.right; x += 2) {
      const next = firstFrom(times, scale.time(x + 2))
      counts.push(next - before)
      before = next
    }
    const most = Math.sqrt(Math.max(1, ...counts))
    // What is rare is seen too: heights are roots.
    context.fillStyle = palettes[this.view.theme].states.idle
    counts.forEach((count, at) => {
      const part = (Math.sqrt(count) / most) * (height - 18)
      context.fillRect(scale.left + at * 2, height - part, 2, part)
    })
  }

  private drawAxis(context: CanvasRenderingContext2D, scale: Scale): void {
    const palette = palettes[this.view.theme]
    const { step, times } = ticksOf(scale, 90)
    context.font = fonts.small
    context.fillStyle = palette.faint
    context.textBaseline = 'middle'
    for (const time of times) context.fillText(tickText(time, step), scale.x(time) + 3, 8)
  }

  private drawMoments(context: CanvasRenderingContext2D, scale: Scale): void {
    const palette = palettes[this.view.theme]
    context.font = fonts.strong
    context.textAlign = 'center'
    for (const { kind, time } of this.view.model.moments) {
      context.fillStyle = palette.moments[kind]
      context.fillRect(scale.x(time) - 0.75, 0, 1.5, height)
      context.fillText(signs[kind], scale.x(time), height - 10)
    }
    context.textAlign = 'left'
  }
}
