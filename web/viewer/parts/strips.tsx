// The curves under the lanes, over the same stretch of time: where the WAL is, commits a second, how long they took.

import { useEffect, useRef } from 'preact/hooks'
import 'uplot/dist/uPlot.min.css'
import uPlot from 'uplot'
import { formatLsn } from '../../../src/model/format.ts'
import { palettes } from '../draw/palette.ts'
import { gutter } from '../draw/picture.ts'
import { binned } from '../model/commits.ts'
import { type Curve, curvesOf, sampledAt } from '../model/curves.ts'
import type { View } from '../view.ts'

const height = 60

export function Strips({ view }: { readonly view: View }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current!
    let strips = stripsOf(view)
    let charts: uPlot[] = []
    let theme = view.theme
    let requested = 0
    const make = () => {
      for (const chart of charts) chart.destroy()
      theme = view.theme
      charts = strips.map(strip => new uPlot(optionsOf(strip, view, element.clientWidth), [[]], element))
      fill()
    }
    const fill = () => {
      requested = 0
      if (view.theme !== theme) {
        strips = stripsOf(view)
        return make()
      }
      const bins = Math.max(20, Math.floor((element.clientWidth - gutter) / 4))
      charts.forEach((chart, at) => {
        chart.setData(strips[at].data(view.from, view.to, bins), false)
        chart.setScale('x', { min: view.from / 1e9, max: view.to / 1e9 })
      })
    }
    const request = () => {
      if (requested === 0) requested = requestAnimationFrame(fill)
    }
    const observer = new ResizeObserver(() => {
      for (const chart of charts) chart.setSize({ width: element.clientWidth, height })
    })
    observer.observe(element)
    make()
    const stop = view.listen(request)
    return () => {
      cancelAnimationFrame(requested)
      observer.disconnect()
      stop()
      for (const chart of charts) chart.destroy()
    }
  }, [view])
  return <div class="pgv-strips" ref={place} />
}

interface Strip {
  readonly title: string
  readonly curves: readonly {
    readonly name: string
    readonly colour: string
    readonly fill?: string
    readonly dash?: number[]
  }[]
  readonly value: (value: number) => string
  readonly fromZero: boolean
  readonly steps: boolean
  data(from: number, to: number, bins: number): uPlot.AlignedData
}

function stripsOf(view: View): readonly Strip[] {
  const { model } = view
  const palette = palettes[view.theme]
  const strips: Strip[] = []
  const curves = curvesOf(model)
  if (curves.length > 0) strips.push(walStrip(curves, view))
  if (model.commits.times.length > 0) {
    strips.push({
      title: 'commits / s',
      curves: [{ name: 'commits', colour: palette.commit, fill: `${palette.commit}33` }],
      value: value => String(Math.round(value)),
      fromZero: true,
      steps: false,
      data(from, to, bins) {
        const { middles, rates } = binned(model.commits, from, to, bins)
        return [middles, rates]
      },
    })
    strips.push({
      title: 'latency, ms',
      curves: [
        { name: 'mean', colour: palette.states.running },
        { name: 'longest', colour: palette.states.lock, dash: [4, 3] },
      ],
      value: value => (value >= 10 ? value.toFixed(0) : value.toPrecision(2)),
      fromZero: true,
      steps: false,
      data(from, to, bins) {
        const { middles, means, longest } = binned(model.commits, from, to, bins)
        return [middles, means, longest]
      },
    })
  }
  return strips
}

const dashes = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]]

function walStrip(curves: readonly Curve[], { theme }: View): Strip {
  const palette = palettes[theme]
  const colours = [
    palette.states.running,
    palette.states.lock,
    palette.commit,
    palette.arrows.wal,
    palette.cause,
    palette.faint,
  ]
  return {
    title: 'WAL position',
    curves: curves.map(({ name }, at) => ({
      name,
      colour: colours[at % colours.length],
      ...(dashes[Math.floor(at / colours.length) % 4] || at % 2 === 0 ? {} : { dash: [5, 3] }),
    })),
    value: value => formatLsn(value),
    fromZero: false,
    steps: true,
    data: (from, to, bins) => sampledAt(curves, from, to, bins),
  }
}

function optionsOf(strip: Strip, { theme }: View, width: number): uPlot.Options {
  const palette = palettes[theme]
  const steps = strip.steps ? uPlot.paths.stepped!({ align: 1 }) : undefined
  return {
    width,
    height,
    padding: [6, 8, 6, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: strip.fromZero ? { range: (_, __, most) => [0, Math.max(most * 1.1, 1e-6)] } : {},
    },
    axes: [
      { show: false },
      {
        size: gutter,
        stroke: palette.faint,
        font: '11px system-ui, sans-serif',
        grid: { stroke: palette.rule, width: 0.5 },
        ticks: { show: false },
        space: 20,
        values: (_, values) => values.map(value => strip.value(value)),
      },
    ],
    series: [
      {},
      ...strip.curves.map(({ name, colour, fill, dash }) => ({
        label: name,
        stroke: colour,
        width: 1.5,
        points: { show: false },
        ...(steps ? { paths: steps } : {}),
        ...(fill ? { fill } : {}),
        ...(dash ? { dash } : {}),
      })),
    ],
    hooks: {
      draw: [
        chart => {
          const { ctx, bbox } = chart
          const ratio = devicePixelRatio || 1
          ctx.save()
          ctx.font = `${600} ${12 * ratio}px system-ui, sans-serif`
          ctx.fillStyle = palette.ink
          ctx.textAlign = 'left'
          ctx.textBaseline = 'top'
          ctx.fillText(strip.title, 8 * ratio, bbox.top)
          ctx.font = `${10 * ratio}px system-ui, sans-serif`
          strip.curves.forEach(({ name, colour }, at) => {
            if (strip.curves.length === 1) return
            ctx.fillStyle = colour
            ctx.fillText(`— ${name}`, 8 * ratio, bbox.top + (15 + 10 * at) * ratio)
          })
          ctx.restore()
        },
      ],
    },
  }
}
