// What is done before time 0: the primaries are initialised and started, setups are played on them, standbys are copied
// from them, and all are shut down.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings, Topology } from '../../engine.ts'
import { takeBaseBackup } from './base-backup.ts'
import type { Cluster, ClusterNode } from './cluster.ts'

/** How long a server may take to start here, in milliseconds. */
const patience = 60_000

/**
 * Whoever reads a row first notes on its page that its transaction has ended, and with checksums the page goes to the
 * WAL. So that pgdrill's own looks at a server write none, catalogs are read once before time 0.
 */
const readCatalogs = `
do $$
declare
  catalog regclass;
begin
  for catalog in select oid from pg_catalog.pg_class where relkind = 'r' and relnamespace = 'pg_catalog'::regnamespace
  loop
    execute format('select from %s', catalog);
  end loop;
end $$`

/** For all servers, unless the scenario says otherwise. */
const ownSettings: Settings = {
  // What is shared lies in the data directory: a server that is killed leaves no file in /dev/shm.
  dynamic_shared_memory_type: 'mmap',
  // Recovery after a crash, and of a base backup, begins with a flush of each of a thousand files: seconds on a busy disk.
  recovery_init_sync_method: 'syncfs',
}

/** Nobody is there yet who could confirm a commit. */
const duringSetup = { synchronous_standby_names: '' }

/** `playSetups` plays what the scenario sets up, on servers that run; what it gives other than undefined ends it all. */
export async function prepare<Failure>(
  cluster: Cluster,
  topology: Topology,
  playSetups: () => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  const primaries = topology.nodes.filter(({ upstream, isRestored }) => upstream === undefined && !isRestored)
  await Promise.all(
    primaries.map(({ name, settings }) =>
      initialise(cluster, name, { ...cluster.archives.settingsOf(name), ...settings }),
    ),
  )
  const hasStandbys = topology.nodes.some(({ upstream }) => upstream !== undefined)
  const isNeeded = topology.setups.length > 0 || hasStandbys || topology.slots.length > 0
  if (!isNeeded) return undefined
  const nodes = primaries.map(({ name }) => cluster.node(name))
  for (const node of nodes) await start(node)
  const failure = await playSetups()
  if (failure !== undefined) return failure
  for (const { own } of nodes) await own.rows(readCatalogs)
  for (const node of nodes) await copyStandbys(cluster, topology, node)
  for (const node of nodes) await stop(node)
  return undefined
}

async function initialise(cluster: Cluster, name: string, settings: Settings): Promise<void> {
  const { server } = cluster.node(name)
  const walFolder = cluster.volumes.walFolder(name)
  const complaint = await server.runProgram(join(server.place.binaries.folder, 'initdb'), [
    '--pgdata',
    server.dataFolder,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
    ...(walFolder === undefined ? [] : ['--waldir', walFolder]),
  ])
  if (complaint !== undefined) throw new Error(complaint)
  const logFolder = cluster.volumes.logFolder(name)
  if (logFolder !== undefined) await server.runProgram('ln', ['-s', logFolder, join(server.dataFolder, 'log')])
  server.configure({ ...ownSettings, ...settings })
}

async function start({ server, own }: ClusterNode): Promise<void> {
  server.start({}, duringSetup)
  const limit = performance.now() + patience
  for (;;) {
    const answer = await own.query('select 1')
    if ('rows' in answer) return
    if (server.postmaster === undefined || performance.now() > limit) {
      throw new Error(`${server.name} does not start: ${server.lastWords() || answer.failure}`)
    }
    await sleep(20)
  }
}

async function stop({ server, own }: ClusterNode): Promise<void> {
  await own.leave()
  if (!(await server.stopAndWait())) throw new Error(`${server.name} does not stop: ${server.lastWords()}`)
}

/** One copy serves all standbys below this primary, those that stream from another standby too. */
async function copyStandbys(cluster: Cluster, topology: Topology, primary: ClusterNode): Promise<void> {
  const primaryOf = (name: string): string => {
    const upstream = topology.nodes.find(node => node.name === name)?.upstream
    return upstream === undefined ? name : primaryOf(upstream)
  }
  const isBelow = (name: string) => primaryOf(name) === primary.server.name
  const standbys = topology.nodes.filter(({ name, upstream }) => upstream !== undefined && isBelow(name))
  const slots = topology.slots.filter(({ node }) => isBelow(node))
  const { own, server } = primary
  for (const { name } of slots) await own.rows(`select pg_create_physical_replication_slot('${name}', true)`)
  if (standbys.length > 0) {
    const servers = standbys.map(({ name }) => cluster.node(name).server)
    await own.inOneSession(() => takeBaseBackup(server, own, servers, name => cluster.volumes.walFolder(name)))
  }
  for (const slot of slots.filter(({ node }) => node !== server.name)) {
    // A slot's file says nothing of its server: made on the primary, it serves on a standby that never ran.
    const standby = cluster.node(slot.node).server
    await standby.runProgram('cp', [
      '-a',
      join(server.dataFolder, 'pg_replslot', slot.name),
      join(standby.dataFolder, 'pg_replslot'),
    ])
    await own.rows(`select pg_drop_replication_slot('${slot.name}')`)
  }
  for (const { name, upstream, slot, settings } of standbys) {
    const conninfo = await cluster.conninfo(name, upstream!)
    cluster.node(name).server.configure({
      ...cluster.archives.settingsOf(name),
      ...settings,
      primary_conninfo: conninfo,
      ...(slot === undefined ? {} : { primary_slot_name: slot }),
    })
  }
}
