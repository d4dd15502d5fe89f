// `kill`: a signal to processes, found by their role on a node, or as the backend of a client or a session.

import type { Statement, Value } from '../../model/scenario.ts'
import type { ActionKind } from '../action.ts'
import { type Action, ask, type ProcessRole, type SignalName, signalNumbers } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { parameter, textOf } from '../statement.ts'
import { clientsOf } from './targets.ts'

interface Target {
  readonly node: string
  readonly pid: number
  readonly type: string
  /** For the timeline: whose it is. */
  readonly of: string
}

export const kill: ActionKind = {
  word: 'kill',
  *strike(statement, stage, tell) {
    const signal = textOf(parameter(statement, 'with')) as SignalName
    const targets = yield* targetsOf(statement, stage)
    if (targets.length === 0) {
      const roles = statement.about.map(textOf).join(', ')
      return { missed: `there was no ${roles} of ${parameter(statement, 'of')!.text}` }
    }
    const nodes = new Set(targets.map(({ node }) => node))
    const listed = targets.map(({ type, pid, of }) => `${type} ${pid} of ${of}`).join(', ')
    const text = `kill -${signalNumbers[signal]} ${listed}`
    const cause = tell.fault(text, targets.length, nodes.size === 1 ? targets[0].node : undefined)
    // A signal is on its way when kill(2) returns: what it does comes after the label.
    tell.reached(cause)
    for (const { node, pid } of targets) yield* ask({ kind: 'signal', node, pid, signal, cause })
    return {}
  },
}

function* targetsOf(statement: Statement, stage: Stage): Action<Target[]> {
  const of = parameter(statement, 'of')!
  const targets: Target[] = []
  for (const role of statement.about.map(textOf)) {
    const name = textOf(of)!
    if (stage.topology.nodes.some(node => node.name === name)) {
      // Where a role has two words, a scenario joins them by a hyphen.
      const type = role?.replaceAll('-', ' ') as ProcessRole
      const processes = yield* ask({ kind: 'processes', node: name, role: type })
      targets.push(...processes.map(process => ({ node: name, ...process, of: name })))
    } else targets.push(...backendsOf(of, stage))
  }
  return targets
}

function backendsOf(of: Value, stage: Stage): Target[] {
  const session = stage.sessions.get(textOf(of)!)
  const owners = session
    ? [{ of: session.options.name, connection: session.connection }]
    : clientsOf(of, stage).map(({ connection, options }) => ({ of: options.endpoint, connection }))
  return owners.flatMap(({ of, connection }) =>
    connection ? [{ node: connection.node, pid: connection.backend, type: 'backend', of }] : [],
  )
}
