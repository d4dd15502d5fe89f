// The canvas of the lanes: draws the picture when something has changed, and understands mouse and wheel. Dragging pans,
// the wheel scrolls, with Ctrl it zooms; a click moves the playhead and selects.

import { palettes } from './draw/palette.ts'
import type { Pen } from './draw/pen.ts'
import { axisHeight, drawPicture, gutter, lanesTop } from './draw/picture.ts'
import type { Rows } from './draw/rows.ts'
import { Scale } from './draw/scale.ts'
import { Folds } from './folds.ts'
import { type Hit, hitAt } from './hits.ts'
import { whyOf } from './model/why.ts'
import type { View } from './view.ts'

export interface ChartOptions {
  readonly view: View
  /** What is under the mouse, and where on the page; undefined: nothing. */
  readonly hovered: (hit: Hit | undefined, x: number, y: number) => void
}

export class Chart {
  private readonly canvas: HTMLCanvasElement
  private readonly view: View
  private readonly options: ChartOptions
  private readonly folds: Folds
  private rows: Rows | undefined
  private width = 0
  private height = 0
  private requested = 0
  private drag:
    | {
        readonly x: number
        readonly y: number
        readonly from: number
        readonly to: number
        readonly scroll: number
        moved: boolean
        readonly isPlayhead: boolean
      }
    | undefined
  private readonly stops: (() => void)[] = []

  constructor(canvas: HTMLCanvasElement, options: ChartOptions) {
    this.canvas = canvas
    this.options = options
    this.view = options.view
    this.folds = new Folds(options.view.model)
    this.stops.push(this.view.listen(() => this.request()))
    const observer = new ResizeObserver(() => this.resize())
    observer.observe(canvas.parentElement!)
    this.stops.push(() => observer.disconnect())
    this.listen('pointerdown', event => this.down(event))
    this.listen('pointermove', event => this.move(event))
    this.listen('pointerup', event => this.up(event))
    this.listen('pointerleave', () => this.options.hovered(undefined, 0, 0))
    this.listen('dblclick', event => this.view.zoom(0.25, this.scale().time(event.offsetX)))
    this.listen('wheel', event => this.wheel(event))
    this.resize()
  }

  destroy(): void {
    cancelAnimationFrame(this.requested)
    for (const stop of this.stops) stop()
  }

  /** Draws now; for measuring. */
  draw(): void {
    const { canvas, width, height, view } = this
    const context = canvas.getContext('2d')
    if (!context || width === 0) return
    const ratio = window.devicePixelRatio || 1
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const why = view.selection ? whyOf(view.model, view.selection) : []
    drawPicture(this.pen(context), { width, height }, why)
  }

  private listen<K extends keyof HTMLElementEventMap>(
    kind: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ): void {
    this.canvas.addEventListener(kind, listener, { passive: false })
    this.stops.push(() => this.canvas.removeEventListener(kind, listener))
  }

  private request(): void {
    if (this.requested !== 0) return
    this.requested = requestAnimationFrame(() => {
      this.requested = 0
      this.draw()
    })
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas.parentElement!
    const ratio = window.devicePixelRatio || 1
    this.width = clientWidth
    this.height = clientHeight
    this.canvas.width = Math.round(clientWidth * ratio)
    this.canvas.height = Math.round(clientHeight * ratio)
    this.rows = undefined
    this.request()
  }

  private scale(): Scale {
    return new Scale(this.view.from, this.view.to, gutter, this.width - 8)
  }

  private pen(context: CanvasRenderingContext2D): Pen {
    const { view } = this
    this.rows ??= this.folds.lay(this.height - lanesTop)
    view.scroll = Math.max(0, Math.min(view.scroll, this.rows.height - (this.height - lanesTop)))
    return {
      context,
      scale: this.scale(),
      palette: palettes[view.theme],
      model: view.model,
      view,
      rows: this.rows,
      hidden: group => this.folds.hidden(group),
      top: lanesTop - view.scroll,
      clip: { top: lanesTop, bottom: this.height },
    }
  }

  private hit(event: PointerEvent): Hit | undefined {
    const context = this.canvas.getContext('2d')
    return context ? hitAt(this.pen(context), event.offsetX, event.offsetY) : undefined
  }

  private down(event: PointerEvent): void {
    const { from, to, scroll, playhead } = this.view
    const scale = this.scale()
    const isPlayhead = event.offsetY < axisHeight || Math.abs(scale.x(playhead) - event.offsetX) < 4
    this.drag = { x: event.offsetX, y: event.offsetY, from, to, scroll, moved: false, isPlayhead }
    this.canvas.setPointerCapture(event.pointerId)
    if (event.offsetY < axisHeight) this.view.change({ playhead: scale.time(event.offsetX) })
  }

  private move(event: PointerEvent): void {
    const { drag, view } = this
    if (!drag) return this.options.hovered(this.hit(event), event.clientX, event.clientY)
    const [x, y] = [event.offsetX - drag.x, event.offsetY - drag.y]
    if (!drag.moved && Math.abs(x) + Math.abs(y) < 4) return
    drag.moved = true
    if (drag.isPlayhead) return view.change({ playhead: this.scale().time(event.offsetX) })
    const by = (x / (this.width - gutter - 8)) * (drag.to - drag.from)
    view.scroll = drag.scroll - y
    view.show(drag.from - by, drag.to - by)
  }

  private up(event: PointerEvent): void {
    const { drag, view } = this
    this.drag = undefined
    if (!drag || drag.moved) return
    const hit = this.hit(event)
    if (hit?.kind === 'header') return this.fold(hit.group)
    if (event.offsetX < gutter || event.offsetY < axisHeight) return
    const time = hit && 'time' in hit ? hit.time : this.scale().time(event.offsetX)
    view.change({ playhead: time, selection: hit?.kind === 'thing' ? hit.selection : undefined })
  }

  private fold(group: string): void {
    this.folds.turn(group)
    this.rows = undefined
    this.request()
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault()
    const { view } = this
    if (event.ctrlKey || event.metaKey) {
      return view.zoom(1.0015 ** event.deltaY, this.scale().time(event.offsetX))
    }
    const sideways = event.shiftKey ? event.deltaY : event.deltaX
    if (sideways !== 0) return view.pan(sideways / (this.width - gutter))
    view.change({ scroll: view.scroll + event.deltaY })
  }
}
