// `cut power`, `heal power` and `crash`: a machine is off, on again, or its operating system stopped dead. What was on
// its platters stays. A machine that is on again has no server running: `start` does that.

import type { Statement } from '../../model/scenario.ts'
import type { Struck, Tell } from '../action.ts'
import { type Action, ask } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { numberOf, parameter, textOf } from '../statement.ts'
import { hostOf } from './targets.ts'

export function* cutPower(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const name = textOf(parameter(statement, 'of'))!
  const struck = yield* takeDown(name, 'off', `cut power of ${name}`, stage, tell)
  const duration = numberOf(parameter(statement, 'for'))
  if (duration === undefined || struck.missed !== undefined) return struck
  return { rest: restore(name, stage.now() + duration, stage, tell) }
}

export function* healPower(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const name = textOf(parameter(statement, 'of'))!
  const host = hostOf(name, stage)
  if (yield* ask({ kind: 'isUp', host })) return { missed: `${host} has power` }
  const cause = tell.order(`heal power of ${name}`, nodeOf(name, stage))
  yield* ask({ kind: 'power', host, to: 'on', cause })
  return {}
}

export function* crashSystem(statement: Statement, stage: Stage, tell: Tell): Action<Struck> {
  const name = textOf(statement.about[0])!
  return yield* takeDown(name, 'crashed', `crash of the operating system of ${name}`, stage, tell)
}

function* takeDown(name: string, to: 'off' | 'crashed', text: string, stage: Stage, tell: Tell): Action<Struck> {
  const host = hostOf(name, stage)
  if (!(yield* ask({ kind: 'isUp', host }))) return { missed: `${host} was down already` }
  const cause = tell.fault(text, 1, nodeOf(name, stage))
  yield* ask({ kind: 'power', host, to, cause })
  return {}
}

function* restore(name: string, at: number, stage: Stage, tell: Tell): Action<boolean> {
  yield* ask({ kind: 'sleep', until: at })
  const host = hostOf(name, stage)
  if (yield* ask({ kind: 'isUp', host })) return true
  const cause = tell.undone(`cut power of ${name}`, nodeOf(name, stage))
  yield* ask({ kind: 'power', host, to: 'on', cause })
  return true
}

/** The one node that stands there, if it is one. */
function nodeOf(name: string, stage: Stage): string | undefined {
  const here = stage.topology.nodes.filter(node => node.name === name || node.host === name)
  return here.length === 1 ? here[0].name : undefined
}
