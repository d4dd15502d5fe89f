// `cut link` and `heal link`: nothing passes any more, in both directions (`between`) or in one (`from … to`).

import type { Statement } from '../../model/scenario.ts'
import type { Struck, Tell } from '../action.ts'
import { type Action, ask } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { numberOf, parameter } from '../statement.ts'
import { endpointsOf } from './targets.ts'

interface Direction {
  readonly from: string
  readonly to: string
}

export function* cutLink(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const { text, directions } = meant(statement, stage)
  const whole = yield* those(directions, false)
  if (whole.length === 0) return { missed: 'the link was cut already' }
  const cause = tell.fault(`cut ${text}`, whole.length)
  for (const direction of whole) yield* ask({ kind: 'link', ...direction, cut: true, cause })
  const duration = numberOf(parameter(statement, 'for'))
  if (duration === undefined) return {}
  return { rest: restore(text, whole, stage.now() + duration, tell) }
}

export function* healLink(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const { text, directions } = meant(statement, stage)
  const cut = yield* those(directions, true)
  if (cut.length === 0) return { missed: 'the link was whole' }
  const cause = tell.order(`heal ${text}`)
  for (const direction of cut) yield* ask({ kind: 'link', ...direction, cut: false, cause })
  return {}
}

function meant(statement: Statement, stage: Stage): { readonly text: string; readonly directions: Direction[] } {
  const { between, from, to } = statement.parameters
  const [a, b] = between ?? [from![0], to![0]]
  const there = endpointsOf(a, stage).flatMap(from => endpointsOf(b, stage).map(to => ({ from, to })))
  if (!between) return { text: `link from ${a.text} to ${b.text}`, directions: there }
  const back = there.map(({ from, to }) => ({ from: to, to: from }))
  return { text: `link between ${a.text} and ${b.text}`, directions: [...there, ...back] }
}

/** The directions that are cut, or those that are not. */
function* those(directions: readonly Direction[], cut: boolean): Action<Direction[]> {
  const found: Direction[] = []
  for (const direction of directions) if ((yield* ask({ kind: 'isCut', ...direction })) === cut) found.push(direction)
  return found
}

function* restore(text: string, directions: readonly Direction[], at: number, tell: Tell): Action<boolean> {
  yield* ask({ kind: 'sleep', until: at })
  const cut = yield* those(directions, true)
  if (cut.length === 0) return true
  const cause = tell.undone(`cut ${text}`)
  for (const direction of cut) yield* ask({ kind: 'link', ...direction, cut: false, cause })
  return true
}
