// `degrade`: a volume, a machine or a link is slower or smaller than it was declared.

import type { Statement, Value } from '../../model/scenario.ts'
import type { ActionKind } from '../action.ts'
import { type Action, ask, type Degraded, type Ordered, type VolumeName } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { numberOf, parameter, setting, textOf } from '../statement.ts'
import { strikeLasting } from './lasting.ts'

export const degrade: ActionKind = {
  word: 'degrade',
  strike(statement, stage, tell) {
    const targets = targetsOf(statement, stage)
    const of = parameter(statement, 'of')
    const name = statement.about[0].text
    return strikeLasting(statement, stage, tell, {
      text: `degrade ${name}${of ? ` of ${of.text}` : ''} { ${written(statement)} }`,
      ...(of ? { node: of.text } : {}),
      breaks: cause => all(targets, cause),
      mends: cause =>
        all(
          targets.map(target => ({ ...target, quality: {} })),
          cause,
        ),
    })
  },
}

function written({ settings }: Statement): string {
  return settings
    .filter(({ name }) => name !== 'optional')
    .map(({ name, values }) => `${name} = ${values.map(value => value.text).join(', ')}`)
    .join('; ')
}

function* all(targets: readonly Degraded[], cause: number): Action<Ordered> {
  for (const target of targets) {
    const ordered = yield* ask({ kind: 'degrade', target, cause })
    if (ordered.refused !== undefined || ordered.skipped !== undefined) return ordered
  }
  return {}
}

function targetsOf(statement: Statement, stage: Stage): readonly Degraded[] {
  const value = (name: string) => numberOf(setting(statement, name))
  const given = (...names: string[]) =>
    Object.fromEntries(
      names.flatMap(name => {
        const number = value(name)
        return number === undefined ? [] : [[name, name === 'loss' ? number / 100 : number]]
      }),
    )
  const about = statement.about[0]
  const name = textOf(about)!
  const of = textOf(parameter(statement, 'of'))
  if (of !== undefined) {
    return [{ kind: 'volume', node: of, volume: name as VolumeName, quality: given('bandwidth', 'fsync') }]
  }
  if (isHost(about, stage)) return [{ kind: 'host', host: name, quality: given('cpus', 'memory') }]
  return stage.topology.links
    .filter(link => link.name === name)
    .map(({ ends }) => ({ kind: 'link', ends, quality: given('latency', 'loss', 'bandwidth') }))
}

function isHost(value: Value, stage: Stage): boolean {
  return stage.topology.hosts.some(({ name }) => name === textOf(value))
}
