// Who is meant: a reference of a statement, with `name[2]` and `random(name)`, as members of a client, endpoints or hosts.

import type { Value } from '../../model/scenario.ts'
import type { Client } from '../clients/client.ts'
import type { Stage } from '../stage.ts'

/** The clients that a reference means: one, or all of the name. */
export function clientsOf(value: Value, stage: Stage): readonly Client[] {
  if (value.type !== 'reference') return []
  const all = stage.clients.get(value.name) ?? []
  if (value.random) return all.length === 0 ? [] : [stage.random.pick(all)]
  return value.index === undefined ? all : all.filter(({ options }) => options.index === value.index)
}

/** The host that a node stands on, or that is named itself. */
export function hostOf(name: string, stage: Stage): string {
  return stage.topology.nodes.find(node => node.name === name)?.host ?? name
}

/** The ends of links that a reference means. */
export function endpointsOf(value: Value, stage: Stage): readonly string[] {
  if (value.type !== 'reference') return [value.text]
  if (stage.clients.has(value.name)) return clientsOf(value, stage).map(({ options }) => options.endpoint)
  if (stage.topology.nodes.some(({ name }) => name === value.name)) return [value.name]
  const onHost = stage.topology.nodes.filter(({ host }) => host === value.name)
  return onHost.length > 0 ? onHost.map(({ name }) => name) : [value.name]
}
