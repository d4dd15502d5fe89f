// What is done before time 0: the primaries are initialised and started, setups are played on them, standbys are copied
// from them, and all are shut down. It is played as everything else is, in the hour before the run begins.

import { second } from '../../../model/units.ts'
import type { Topology } from '../../engine.ts'
import type { Cluster } from '../cluster.ts'
import type { Random } from '../kernel/random.ts'
import { copyToStandbys } from '../recovery/base-backup.ts'
import { type FileImage, installCluster } from '../recovery/initdb.ts'
import { newSlot } from '../replication/slot.ts'
import { encode, statePath } from '../replication/slot-file.ts'
import type { ClusterNode } from './cluster-node.ts'

/** How long a server may take to start or to stop here. */
const patience = 600 * second

/** `playSetups` plays what the scenario sets up, on servers that run; what it gives other than undefined ends it all. */
export function prepare<Failure>(
  cluster: Cluster,
  topology: Topology,
  catalogs: readonly FileImage[],
  random: Random,
  playSetups: () => Failure | undefined,
): Failure | undefined {
  const primaries = topology.nodes
    .filter(node => node.upstream === undefined && !node.isRestored)
    .map(node => cluster.node(node.name))
  for (const { server } of primaries) installCluster(server.environment, random, catalogs)
  const hasStandbys = topology.nodes.some(node => node.upstream !== undefined)
  const isNeeded = topology.setups.length > 0 || hasStandbys || topology.slots.length > 0
  if (!isNeeded) return undefined
  for (const primary of primaries) start(cluster, primary)
  const failure = playSetups()
  if (failure !== undefined) return failure
  for (const primary of primaries) copyStandbys(cluster, topology, primary)
  for (const primary of primaries) stop(cluster, primary)
  return undefined
}

function start(cluster: Cluster, node: ClusterNode): void {
  node.start()
  runUntil(cluster, () => node.server.accepting === 'writes', `${node.name} does not start`)
}

function stop(cluster: Cluster, node: ClusterNode): void {
  node.stop('fast')
  runUntil(cluster, () => node.server.processesAlive().length === 0, `${node.name} does not stop`)
}

/** One copy serves all standbys below this primary, those that stream from another standby too. */
function copyStandbys(cluster: Cluster, topology: Topology, primary: ClusterNode): void {
  const standbys = topology.nodes.filter(
    node => node.upstream !== undefined && primaryOf(topology, node.name) === primary.name,
  )
  const { environment, shared } = primary.server
  const slots = topology.slots.filter(slot => primaryOf(topology, slot.node) === primary.name)
  if (standbys.length === 0 && slots.length === 0) return
  const targets = standbys.map(({ name }) => cluster.node(name).server.environment)
  let isDone = false
  environment.host.fork('pg_basebackup', function* (me) {
    const redo = yield* copyToStandbys(me, environment, shared, targets)
    for (const slot of slots) {
      if (slot.node === primary.name) yield* shared.slots.create(me, slot.name, redo)
      else {
        const { data } = cluster.node(slot.node).server.environment
        data.install(statePath(slot.name), encode(newSlot(slot.name, redo, me.now())))
      }
    }
    isDone = true
  })
  runUntil(cluster, () => isDone, `${primary.name} does not finish its backup`)
  for (const { name, upstream, slot } of standbys) {
    const settings = new Map([['primary_conninfo', cluster.node(upstream!).conninfoFor(name)]])
    if (slot !== undefined) settings.set('primary_slot_name', slot)
    cluster.node(name).server.environment.settings.files.edit(settings)
  }
}

function primaryOf(topology: Topology, name: string): string {
  const node = topology.nodes.find(each => each.name === name)
  return node?.upstream === undefined ? name : primaryOf(topology, node.upstream)
}

function runUntil(cluster: Cluster, isDone: () => boolean, complaint: string): void {
  const { kernel } = cluster
  const limit = kernel.now + patience
  while (!isDone()) if (!kernel.step(limit)) throw new Error(complaint)
}
