// Reads the cluster of a scenario: hosts, nodes, slots, links, and who connects from where.

import type { Scenario, Statement } from '../model/scenario.ts'
import { setupAction } from './clients/setup.ts'
import type {
  ArchiveDeclaration,
  HostDeclaration,
  LinkDeclaration,
  NodeDeclaration,
  Settings,
  SlotDeclaration,
  Topology,
  VolumeDeclaration,
  VolumeName,
} from './engine.ts'
import { numberOf, parameter, postgresSettings, setting, textOf } from './statement.ts'

/** Where pgdrill's own connections come from: those of `run`. */
export const ownEndpoint = 'pgdrill'

export function topologyOf(scenario: Scenario): Topology {
  const statements = (word: string) => scenario.cluster.filter(statement => statement.word === word)
  const archives = statements('archive').map(statement => archiveOf(statement, scenario))
  const declared = inOrder([...statements('node'), ...statements('standby')].map(nodeOf))
  const nodes = [...withInherited(declared, archives), ...actions(scenario, 'restore').map(restoredOf)]
  const hosts = statements('host').map(hostOf)
  for (const { host } of nodes) if (!hosts.some(({ name }) => name === host)) hosts.push({ name: host })
  const groups = groupsOf(scenario)
  return {
    postgres: scenario.postgres,
    hosts,
    nodes,
    slots: slotsOf(statements('slot'), nodes),
    archives,
    volumes: statements('volume').map(volumeOf),
    links: statements('link').flatMap(link => linksOf(link, end => endpointsOf(end, nodes, groups))),
    endpoints: [...[...groups.values()].flat(), ownEndpoint],
    setups: statements('setup').map(setup => ({
      node: textOf(parameter(setup, 'on'))!,
      span: setup.span,
      action: setupAction(setup),
    })),
  }
}

/** The endpoints that a name stands for: the nodes of a host, the members of a client. */
export function endpointsOf(
  name: string,
  nodes: readonly NodeDeclaration[],
  groups: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const onHost = nodes.filter(({ host }) => host === name).map(node => node.name)
  if (nodes.some(node => node.name === name)) return [name]
  return groups.get(name) ?? onHost
}

/** The endpoints of each client, session and manager, by name. */
export function groupsOf(scenario: Scenario): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>()
  for (const statement of scenario.clients) {
    const name = textOf(statement.about[0])
    if (name === undefined) continue
    if (statement.word === 'session' || statement.word === 'manager') groups.set(name, [name])
    if (statement.word !== 'client') continue
    const times = numberOf(parameter(statement, 'times'))
    groups.set(name, times === undefined ? [name] : Array.from({ length: times }, (_, index) => `${name}[${index}]`))
  }
  return groups
}

function hostOf(statement: Statement): HostDeclaration {
  const overcommit = textOf(setting(statement, 'overcommit'))
  const disk = textOf(setting(statement, 'disk'))
  return {
    name: textOf(statement.about[0])!,
    ...optional('cpus', numberOf(setting(statement, 'cpus'))),
    ...optional('memory', numberOf(setting(statement, 'memory'))),
    ...(overcommit === undefined ? {} : { overcommits: overcommit === 'on' }),
    ...(disk === undefined ? {} : { disk }),
  }
}

function nodeOf(statement: Statement): NodeDeclaration {
  const name = textOf(statement.about[0])!
  const upstream = statement.word === 'standby' ? textOf(parameter(statement, 'of')) : undefined
  const slot = textOf(parameter(statement, 'via'))
  const archive = textOf(parameter(statement, 'from'))
  return {
    name,
    host: textOf(parameter(statement, 'on')) ?? name,
    settings: postgresSettings(statement),
    ...(upstream === undefined ? {} : { upstream }),
    ...(slot === undefined ? {} : { slot }),
    ...(archive === undefined ? {} : { archive }),
  }
}

/** A node that has no files yet: its settings come with them. */
function restoredOf(statement: Statement): NodeDeclaration {
  const name = textOf(statement.about[0])!
  return { name, host: textOf(parameter(statement, 'on')) ?? name, settings: {}, isRestored: true }
}

/** All statements of a word, wherever they stand in the timeline. */
function actions({ timeline }: Scenario, word: string): Statement[] {
  return timeline.flatMap(each => [each, ...each.body]).filter(each => each.word === word)
}

/** Upstreams first. The resolver refused circles and names that are not declared. */
function inOrder(nodes: readonly NodeDeclaration[]): NodeDeclaration[] {
  const ordered: NodeDeclaration[] = []
  const add = (node: NodeDeclaration) => {
    if (ordered.includes(node)) return
    const upstream = nodes.find(({ name }) => name === node.upstream)
    if (upstream) add(upstream)
    ordered.push(node)
  }
  nodes.forEach(add)
  return ordered
}

/**
 * A standby is made by a base backup, which copies the settings of its upstream: those that it declares come over them,
 * and so does an archive of its own.
 */
function withInherited(nodes: readonly NodeDeclaration[], archives: readonly ArchiveDeclaration[]): NodeDeclaration[] {
  const settingsOf = new Map<string, Settings>()
  return nodes.map(node => {
    const { archive_mode, archive_command, ...others } = settingsOf.get(node.upstream ?? '') ?? {}
    const inherited = archives.some(archive => archive.nodes.includes(node.name))
      ? others
      : (settingsOf.get(node.upstream ?? '') ?? {})
    const settings = { ...inherited, ...node.settings }
    settingsOf.set(node.name, settings)
    return { ...node, settings }
  })
}

function slotsOf(statements: readonly Statement[], nodes: readonly NodeDeclaration[]): SlotDeclaration[] {
  const slots = statements.map(statement => ({
    name: textOf(statement.about[0])!,
    node: textOf(parameter(statement, 'of'))!,
  }))
  for (const { slot, upstream } of nodes) {
    if (slot !== undefined && upstream !== undefined && !slots.some(({ name }) => name === slot)) {
      slots.push({ name: slot, node: upstream })
    }
  }
  return slots
}

function archiveOf(statement: Statement, scenario: Scenario): ArchiveDeclaration {
  const name = textOf(statement.about[0])!
  const readers = [...actions(scenario, 'restore'), ...scenario.cluster.filter(({ word }) => word === 'standby')]
  const setters = [...scenario.cluster, ...scenario.timeline.flatMap(each => [each, ...each.body])]
  return {
    name,
    isRead:
      readers.some(reader => textOf(parameter(reader, 'from')) === name) ||
      setters.some(({ settings }) => settings.some(each => each.name.toLowerCase() === 'restore_command')),
    nodes: statement.parameters.of!.map(value => value.text),
    kind: textOf(setting(statement, 'kind')) === 'object-store' ? 'object-store' : 'directory',
    ...optional('latency', numberOf(setting(statement, 'latency'))),
  }
}

function volumeOf(statement: Statement): VolumeDeclaration {
  return {
    node: textOf(parameter(statement, 'of'))!,
    name: textOf(statement.about[0]) as VolumeName,
    ...optional('size', numberOf(setting(statement, 'size'))),
    ...optional('bandwidth', numberOf(setting(statement, 'bandwidth'))),
    ...optional('fsync', numberOf(setting(statement, 'fsync'))),
  }
}

function linksOf(statement: Statement, expand: (end: string) => readonly string[]): LinkDeclaration[] {
  const [a, b] = statement.parameters.between!.map(value => value.text)
  const loss = numberOf(setting(statement, 'loss'))
  const quality: Omit<LinkDeclaration, 'ends'> = {
    name: textOf(statement.about[0])!,
    ...optional('latency', numberOf(setting(statement, 'latency'))),
    ...optional('jitter', numberOf(setting(statement, 'jitter'))),
    ...optional('loss', loss === undefined ? undefined : loss / 100),
    ...optional('bandwidth', numberOf(setting(statement, 'bandwidth'))),
  }
  return expand(a).flatMap(from => expand(b).map(to => ({ ends: [from, to] as const, ...quality })))
}

function optional<K extends string>(name: K, value: number | undefined): { readonly [key in K]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]?: number })
}
