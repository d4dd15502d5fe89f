// What the names of a scenario stand for. The resolver of the language has checked them; this only looks them up.

import type { Scenario, Statement } from '../model/scenario.ts'

/** Slots have names of their own, because one is often named after its standby. */
export type NamedThing = 'host' | 'node' | 'archive' | 'link' | 'client' | 'session' | 'step' | 'label'

const declares: Readonly<Record<string, NamedThing>> = {
  host: 'host',
  node: 'node',
  standby: 'node',
  restore: 'node',
  archive: 'archive',
  link: 'link',
  client: 'client',
  manager: 'client',
  session: 'session',
  step: 'step',
}

export type Scope = ReadonlyMap<string, NamedThing>

export function scopeOf(scenario: Scenario): Scope {
  const scope = new Map<string, NamedThing>()
  const visit = (statement: Statement) => {
    const thing = Object.hasOwn(declares, statement.word) ? declares[statement.word] : undefined
    const name = statement.about[0]?.text
    if (thing !== undefined && name !== undefined) scope.set(name, thing)
    const label = statement.parameters.as?.[0]?.text
    if (label !== undefined) scope.set(label, 'label')
    statement.body.forEach(visit)
  }
  for (const section of [scenario.cluster, scenario.clients, scenario.timeline]) section.forEach(visit)
  return scope
}
