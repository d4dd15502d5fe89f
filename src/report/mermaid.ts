// The report as a Mermaid sequence diagram, for a page that renders them: clients and kinds of processes as
// participants, what goes between them summed up. What is drawn is in mermaid-items.ts.

import { formatCount, formatMoment } from '../model/format.ts'
import { type Item, itemsOf, type Participant } from './mermaid-items.ts'
import { messageKinds } from './messages.ts'
import type { Format, ReportedRun } from './run.ts'
import { headingOf } from './text.ts'

/** A diagram that has more is not read: its middle is left out. */
const most = 120
const widest = 72

export const mermaid: Format = {
  needs: messageKinds,
  *write(runs) {
    yield 'sequenceDiagram\n'
    if (runs.length === 0) return
    yield `  title ${escaped(runs[0].scenario.title)}\n`
    const stories = runs.map(run => ({ run, items: shortened(itemsOf(run)) }))
    const participants = inOrder(stories.flatMap(({ items }) => items.flatMap(({ from, to }) => [from, to])))
    // A note needs somebody to stand over.
    if (participants.length === 0) return
    yield* declared(participants)
    const ids = new Map(participants.map((participant, at) => [keyOf(participant), `p${at}`]))
    const id = (participant: Participant) => ids.get(keyOf(participant))!
    const everybody = participants.length === 1 ? 'p0' : `p0,p${participants.length - 1}`
    for (const { run, items } of stories) {
      if (runs.length > 1) yield `  Note over ${everybody}: ${escaped(nameOf(run))}\n`
      for (const item of items) yield `  ${written(item, id, everybody)}\n`
    }
  },
}

const keyOf = ({ node, name }: Participant) => `${node ?? ''} ${name}`

function nameOf(run: ReportedRun): string {
  const heading = headingOf(run)
  return heading === '' ? run.scenario.title : heading
}

/** From left to right: clients first, then node by node. */
function inOrder(named: readonly (Participant | undefined)[]): readonly Participant[] {
  const all = new Map(named.flatMap(each => (each === undefined ? [] : [[keyOf(each), each] as const])))
  const nodes = new Set([...all.values()].map(({ node }) => node))
  return [undefined, ...[...nodes].filter(node => node !== undefined)].flatMap(node =>
    [...all.values()].filter(participant => participant.node === node),
  )
}

/** A box for each node. */
function* declared(participants: readonly Participant[]): Generator<string> {
  for (const [at, { node, name }] of participants.entries()) {
    const begins = node !== undefined && participants[at - 1]?.node !== node
    if (begins) yield `  box ${escaped(node)}\n`
    yield `  ${node === undefined ? 'actor' : 'participant'} p${at} as ${escaped(name)}\n`
    if (node !== undefined && participants[at + 1]?.node !== node) yield '  end\n'
  }
}

function written(item: Item, id: (participant: Participant) => string, everybody: string): string {
  const { arrow, from, to, time, count, text, counted } = item
  const clipped = text.length > widest ? `${text.slice(0, widest - 1)}…` : text
  const many = counted ? `${formatCount(count)} ${clipped}${count === 1 ? '' : 's'}` : `${clipped} ×${count}`
  const told = counted || count > 1 ? many : clipped
  const full = escaped(time === undefined ? told : `${formatMoment(time)} ${told}`)
  if (arrow !== undefined && from && to) return `${id(from)}${arrow}${id(to)}: ${full}`
  return `Note over ${from ? id(from) : everybody}: ${full}`
}

function shortened(items: readonly Item[]): readonly Item[] {
  if (items.length <= most) return items
  const half = most / 2
  const left: Item = { text: `… ${formatCount(items.length - 2 * half)} more`, count: 1 }
  return [...items.slice(0, half), left, ...items.slice(-half)]
}

/** A `#` begins an entity, a `;` ends a statement; Mermaid decodes these. */
function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[#;<>&"%{}]/g, letter => `#${letter.charCodeAt(0)};`)
}
