// Declarations and moments that depend on each other in a circle: a standby of its own standby, a label that waits for
// one that waits for it.

import type { Statement } from '../../model/scenario.ts'
import type { Span } from '../../model/source.ts'
import { list } from '../suggest.ts'
import type { Context } from './context.ts'

interface Edge {
  readonly from: string
  readonly to: string
  readonly span: Span
}

export function checkCircles(statements: readonly Statement[], context: Context): void {
  const standbys: Edge[] = []
  const moments: Edge[] = []
  for (const statement of statements) {
    collectStandby(statement, standbys, context)
    collectMoments(statement, undefined, moments)
  }
  complain(
    standbys,
    names => `${names} stream from each other in a circle`,
    'one of them is a `node`, which streams from none',
    context,
  )
  complain(moments, names => `${names} wait for each other in a circle`, 'count one of them from `start`', context)
}

function collectStandby({ word, about, parameters }: Statement, edges: Edge[], { words }: Context): void {
  const type = words.find(word)?.about
  const [name] = about
  const [of] = parameters.of ?? []
  if (type?.type !== 'declares' || type.thing !== 'node' || name?.type !== 'name' || of?.type !== 'reference') return
  edges.push({ from: name.text, to: of.name, span: of.span })
}

function collectMoments({ at, parameters, body }: Statement, led: Statement['at'], edges: Edge[]): void {
  const moment = at ?? led
  const [label] = parameters.as ?? []
  if (moment?.from === 'label' && label?.type === 'name') {
    edges.push({ from: label.text, to: moment.label, span: moment.span })
  }
  for (const inner of body) collectMoments(inner, moment, edges)
}

/** Each thing depends on one other at most, so a circle is found by following. */
function complain(edges: readonly Edge[], say: (names: string) => string, help: string, { complaints }: Context): void {
  const next = new Map(edges.map(edge => [edge.from, edge]))
  const done = new Set<string>()
  for (const { from } of edges) {
    const trail: string[] = []
    let at: string | undefined = from
    while (at !== undefined && !done.has(at)) {
      done.add(at)
      trail.push(at)
      at = next.get(at)?.to
    }
    if (at === undefined || !trail.includes(at)) continue
    const circle = trail.slice(trail.indexOf(at))
    const names = list(circle)
    const message = circle.length === 1 ? `${names} depends on itself` : say(names)
    complaints.add('circle', next.get(circle[0])!.span, message, help)
  }
}
