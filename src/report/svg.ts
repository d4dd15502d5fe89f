// The report as a space-time chart: rows are lives, time goes to the right, arrows are what goes from one to another.
// One picture that stands alone, light or dark as its reader is; several runs stand below each other.

import { formatMoment } from '../model/format.ts'
import { sentenceOf, type TraceEvent } from '../model/trace.ts'
import type { Lane } from './lanes.ts'
import { endsWait, type Message, messageKinds, type Told, trafficOf } from './messages.ts'
import type { Format, ReportedRun } from './run.ts'
import { type Row, rowsOf } from './svg-rows.ts'
import { TimeScale } from './svg-scale.ts'
import { svgStyle } from './svg-style.ts'
import { headingOf } from './text.ts'
import { failed, placeOf } from './verdicts.ts'
import { escapeXml } from './xml.ts'

const margin = 16
const names = 190
const rowHeight = 20
const axisHeight = 28
const flagHeight = 16
const least = 900
const room = 2600

interface Picture {
  readonly height: number
  readonly width: number
  readonly parts: readonly string[]
}

export const svg: Format = {
  needs: [...messageKinds.filter(kind => !kind.startsWith('wal.')), 'lock.waited', 'lock.acquired'],
  *write(runs) {
    const pictures = runs.map(pictureOf)
    const width = Math.ceil(Math.max(0, ...pictures.map(each => each.width)))
    const height = pictures.reduce((sum, each) => sum + each.height, 0)
    yield `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">\n`
    yield `<style>${svgStyle}</style>\n<rect class="paper" width="100%" height="100%"/>\n`
    let y = 0
    for (const { parts, height } of pictures) {
      yield `<g transform="translate(0 ${y})">\n`
      for (const part of parts) yield `${part}\n`
      yield '</g>\n'
      y += height
    }
    yield '</svg>\n'
  },
}

/** What the drawing of one run shares. */
interface Sheet {
  readonly run: ReportedRun
  readonly scale: TimeScale
  /** The middle of a lane's row; undefined where it is not drawn. */
  readonly yOf: (lane: Lane) => number | undefined
  readonly xOf: (time: number) => number
  readonly top: number
  readonly bottom: number
}

function pictureOf(run: ReportedRun): Picture {
  const { lanes, told, messages } = trafficOf(run.events)
  const { rows, leftOut } = rowsOf(lanes)
  const drawn = new Set(rows.flatMap(row => row.lanes))
  const seen = messages.filter(
    ({ kind, from, to }) => kind !== 'wal' && kind !== 'cause' && drawn.has(from) && drawn.has(to),
  )
  const marks = told.filter(({ event, lane }) => isFlag(event) || (lane && drawn.has(lane) && markOf(event)))
  const lives = [...drawn].flatMap(({ startedAt, endedAt }) => [startedAt, endedAt ?? run.endedAt])
  const arrivals = seen.flatMap(({ sentAt, receivedAt }) => [sentAt, receivedAt])
  const scale = new TimeScale(
    [0, run.endedAt, ...lives, ...arrivals, ...marks.map(({ event }) => event.time)],
    least,
    room,
  )
  const flags = marks.filter(({ event }) => isFlag(event))
  const top = 34 + flags.length * flagHeight + axisHeight
  const places = new Map(rows.flatMap((row, at) => row.lanes.map(lane => [lane, placeOfRow(rows, at, top)] as const)))
  const bottom = placeOfRow(rows, rows.length - 1, top) + rowHeight / 2 + 4
  const xOf = (time: number) => margin + names + scale.at(time)
  const sheet: Sheet = { run, scale, top, bottom, xOf, yOf: lane => places.get(lane) }
  const foot = [...(leftOut > 0 ? [`and ${leftOut} more lives that are not drawn`] : [])]
  const checks = run.verdicts.map(
    verdict => `${failed(verdict) ? '✗' : '✓'} ${verdict.title}: ${verdict.actual}   (${placeOf(verdict, run)})`,
  )
  return {
    width: margin + names + scale.width + 5 * margin,
    height: bottom + 24 + (foot.length + checks.length) * 18 + margin,
    parts: [
      ...headOf(run),
      ...axis(sheet),
      ...rowNames(rows, sheet),
      ...[...drawn].flatMap(lane => lifeOf(lane, sheet)),
      ...waits(told, sheet),
      ...flagLines(flags, sheet),
      ...seen.flatMap(message => arrow(message, sheet)),
      ...marks.flatMap(each => mark(each, sheet)),
      ...[...foot, ...checks].map(
        (line, at) =>
          `<text class="${line.startsWith('✗') ? 'bad' : ''}" x="${margin}" y="${bottom + 24 + at * 18}">${escapeXml(line)}</text>`,
      ),
    ],
  }
}

function headOf(run: ReportedRun): readonly string[] {
  const heading = headingOf(run)
  const title = heading === '' ? run.scenario.title : `${run.scenario.title}: ${heading}`
  const facts = `PostgreSQL ${run.scenario.postgres} · seed ${run.seed}`
  const about = `<tspan class="faint small" dx="18">${escapeXml(facts)}</tspan>`
  return [`<text class="title" x="${margin}" y="24">${escapeXml(title)}${about}</text>`]
}

/** Nodes stand a little apart. */
function placeOfRow(rows: readonly Row[], at: number, top: number): number {
  const groups = new Set(rows.slice(0, at + 1).map(({ node }) => node)).size
  return top + at * rowHeight + groups * 14
}

function axis({ scale, top, bottom, xOf }: Sheet): readonly string[] {
  return scale.ticks(64).flatMap(time => {
    const x = xOf(time).toFixed(1)
    return [
      `<path class="tick" d="M${x} ${top - 6}V${bottom}"/>`,
      `<text class="faint small" x="${x}" y="${top - 10}">${formatMoment(time)}</text>`,
    ]
  })
}

function rowNames(rows: readonly Row[], { top }: Sheet): readonly string[] {
  return rows.flatMap(({ node, name }, at) => {
    const y = placeOfRow(rows, at, top)
    const first = at === 0 || rows[at - 1].node !== node
    const group = first ? [`<text class="node" x="${margin}" y="${y - 12}">${escapeXml(node ?? 'clients')}</text>`] : []
    return [...group, `<text class="small" x="${margin + 8}" y="${y + 4}">${escapeXml(name)}</text>`]
  })
}

function lifeOf(lane: Lane, { yOf, xOf, run }: Sheet): readonly string[] {
  const [y, from, to] = [yOf(lane)!, xOf(lane.startedAt), xOf(lane.endedAt ?? run.endedAt)]
  const kind = lane.node === undefined ? 'life client' : 'life'
  const title = `<title>${escapeXml(lane.end === undefined ? lane.name : `${lane.name}: ${lane.end}`)}</title>`
  const line = `<path class="${kind}" d="M${from.toFixed(1)} ${y}H${to.toFixed(1)}">${title}</path>`
  if (lane.endedAt === undefined || lane.node === undefined) return [line]
  const violent = lane.end === undefined || !lane.end.startsWith('exit')
  const end = violent
    ? `<path class="death" d="M${(to - 4).toFixed(1)} ${y - 4}l8 8m0 -8l-8 8">${title}</path>`
    : `<path class="end" d="M${to.toFixed(1)} ${y - 4}v8">${title}</path>`
  return [line, end]
}

/** From each wait to its end; nobody sees what is narrower than a line. */
function waits(told: readonly Told[], { run, yOf, xOf }: Sheet): readonly string[] {
  const begun = new Map<Lane, TraceEvent<'lock.waited'>>()
  const bars: string[] = []
  const bar = (lane: Lane, event: TraceEvent<'lock.waited'>, until: number) => {
    const [y, from, to] = [yOf(lane), xOf(event.time), xOf(until)]
    if (y === undefined || to - from < 1) return
    const d = `M${from.toFixed(1)} ${y}H${to.toFixed(1)}`
    bars.push(`<path class="wait" d="${d}"><title>${escapeXml(sentenceOf(event))}</title></path>`)
  }
  for (const { event, lane } of told) {
    if (!lane) continue
    const waited = begun.get(lane)
    if (event.kind === 'lock.waited') begun.set(lane, event)
    else if (waited && endsWait(event)) {
      bar(lane, waited, event.time)
      begun.delete(lane)
    }
  }
  for (const [lane, waited] of begun) bar(lane, waited, lane.endedAt ?? run.endedAt)
  return bars
}

function isFlag({ kind }: TraceEvent): boolean {
  return kind === 'fault.injected' || kind === 'fault.undone' || kind === 'order.given' || kind === 'note.shown'
}

/** Faults, orders and notes: a line through all rows, and a text above them, each in a row of its own. */
function flagLines(flags: readonly Told[], { xOf, bottom, scale }: Sheet): readonly string[] {
  return flags.flatMap(({ event }, at) => {
    const [x, y] = [xOf(event.time), 34 + (at + 1) * flagHeight]
    const kind = event.kind === 'fault.injected' ? 'fault' : 'note'
    const sign = event.kind === 'fault.injected' ? '⚡ ' : event.kind === 'note.shown' ? '✎ ' : '▸ '
    const end = x > margin + names + scale.width / 2
    const place = `x="${(x + (end ? -5 : 5)).toFixed(1)}" y="${y}" text-anchor="${end ? 'end' : 'start'}"`
    return [
      `<path class="${kind} flag" d="M${x.toFixed(1)} ${y - 10}V${bottom}"/>`,
      `<text class="${kind} label" ${place}>${escapeXml(sign + sentenceOf(event))}</text>`,
    ]
  })
}

function arrow({ kind, from, to, sentAt, receivedAt, text }: Message, { yOf, xOf }: Sheet): readonly string[] {
  const [x1, y1, x2, y2] = [xOf(sentAt), yOf(from)!, xOf(receivedAt), yOf(to)!]
  if (y1 === y2) return []
  const down = y2 > y1
  // The head of the arrow, turned into the direction of the line as far as up and down go.
  const head = `M${(x2 - 3).toFixed(1)} ${down ? y2 - 6 : y2 + 6}L${x2.toFixed(1)} ${y2}l3 ${down ? -6 : 6}`
  const about = `<title>${escapeXml(`${formatMoment(sentAt)} ${from.name} → ${to.name}: ${text}`)}</title>`
  return [`<path class="arrow ${kind}" d="M${x1.toFixed(1)} ${y1}L${x2.toFixed(1)} ${y2}${head}">${about}</path>`]
}

function markOf(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'log.line':
      return ['WARNING', 'ERROR', 'FATAL', 'PANIC'].includes(event.level) ? 'alarm' : 'said'
    case 'client.error':
    case 'commit.lost':
      return 'alarm'
    case 'node.accepting':
      return 'good'
    default:
      return undefined
  }
}

function mark({ event, lane }: Told, { yOf, xOf }: Sheet): readonly string[] {
  const kind = markOf(event)
  const y = lane && yOf(lane)
  if (kind === undefined || y === undefined) return []
  const about = `<title>${escapeXml(`${formatMoment(event.time)} ${sentenceOf(event)}`)}</title>`
  const x = xOf(event.time).toFixed(1)
  if (kind === 'alarm') return [`<path class="alarm" d="M${x} ${y - 6}l5 9h-10z">${about}</path>`]
  return [`<circle class="${kind}" cx="${x}" cy="${y}" r="${kind === 'good' ? 5 : 2.5}">${about}</circle>`]
}
