// The scenario's servers on this machine: their folders, ports and links. It prepares what a run begins with, starts
// the servers, takes the power of hosts, and takes everything down in the end.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Ordered, Query, RequestOf, ResponseOf, Settings, Topology } from '../../engine.ts'
import { queryText } from '../../simulated/sql/source.ts'
import type { Links } from '../links/index.ts'
import type { Names } from '../names.ts'
import { logLinePrefix } from '../observation/stderr-log.ts'
import { Archives } from './archives.ts'
import { backUp, restoreFrom } from './base-backup.ts'
import type { Binaries } from './binaries.ts'
import { ownSettings } from './configuration.ts'
import { OwnConnection } from './own-connection.ts'
import { freePort } from './ports.ts'
import { RealReceiver } from './receiver.ts'
import type { RunFolder } from './run-folder.ts'
import { RealServer } from './server.ts'
import type { ServerUser } from './server-user.ts'
import { Strangers } from './strangers.ts'
import { Volumes } from './volumes.ts'

/** In a connection string: a host, with its port if that is given. */
const connectionHost = /\bhost=([\w-]+)(?:\s+port=\d+)?/g

export interface ClusterNode {
  readonly server: RealServer
  readonly own: OwnConnection
}

export interface ClusterParts {
  readonly topology: Topology
  readonly folder: RunFolder
  readonly user: ServerUser | undefined
  readonly binaries: Binaries
  readonly links: Links
  readonly names: Names
  /** Commits are to be found again: each is to be stamped with its time. */
  readonly stampsCommits: boolean
}

export class Cluster {
  readonly archives: Archives
  readonly strangers = new Strangers()
  /** Set once the servers have folders. */
  volumes!: Volumes
  private readonly parts: ClusterParts
  private readonly nodes = new Map<string, ClusterNode>()
  private readonly proxies = new Map<string, Promise<number>>()
  private readonly hostsDown = new Set<string>()

  private constructor(parts: ClusterParts) {
    this.parts = parts
    this.archives = new Archives(parts.folder, parts.topology)
  }

  /** The servers have folders and ports, and no files yet. */
  static async make(parts: ClusterParts): Promise<Cluster> {
    const cluster = new Cluster(parts)
    for (const { name } of parts.topology.nodes) await cluster.add(name)
    cluster.volumes = new Volumes(parts.topology, parts.user, node => cluster.node(node).server.place.folder)
    return cluster
  }

  node(name: string): ClusterNode {
    return this.nodes.get(name)!
  }

  get all(): readonly ClusterNode[] {
    return [...this.nodes.values()]
  }

  /** Those that have files before the run begins. */
  get begun(): readonly ClusterNode[] {
    return this.parts.topology.nodes.filter(({ isRestored }) => !isRestored).map(({ name }) => this.node(name))
  }

  /** Takes a base backup of a node into an archive. */
  async backup({ node, archive }: RequestOf<'backup'>): Promise<Ordered> {
    if (!this.archives.hasNode(node, archive)) return { refused: `${node} does not archive to ${archive}` }
    const { server, own } = this.node(node)
    return backUp(server, own, this.archives.backupFolder(archive))
  }

  /** Makes a node from the backup in an archive, and starts it. `target`: its recovery_target_time. */
  async restore(request: RequestOf<'restore'>, target: Settings): Promise<Ordered> {
    const { server } = this.node(request.node)
    const folder = this.archives.backupFolder(request.archive)
    if (!existsSync(join(folder, 'PG_VERSION'))) return { refused: 'there is no base backup in the archive' }
    if (server.postmaster !== undefined) return { refused: `${request.node} runs` }
    await restoreFrom(server, folder, request)
    return server.start({ ...this.archives.reads(request.node, request.archive), ...target, ...request.settings })
  }

  /** Runs pg_rewind where there is one. */
  async rewind({ node, source }: RequestOf<'rewind'>): Promise<Ordered> {
    const { server } = this.node(node)
    const { place } = this.node(source).server
    const program = join(server.place.binaries.folder, 'pg_rewind')
    if (!existsSync(program)) return { skipped: 'there is no pg_rewind among these binaries' }
    const complaint = await server.runProgram(program, [
      `--target-pgdata=${server.dataFolder}`,
      `--source-server=host=${place.folder} port=${place.port} user=postgres dbname=postgres`,
      '--no-ensure-shutdown',
      '--no-sync',
    ])
    if (complaint !== undefined) return { refused: complaint }
    return server.follow(await this.conninfo(node, source))
  }

  /** Runs pg_resetwal where there is one. */
  async resetWal({ node, nextXid }: RequestOf<'resetwal'>): Promise<Ordered> {
    const { server } = this.node(node)
    const program = join(server.place.binaries.folder, 'pg_resetwal')
    if (!existsSync(program)) return { skipped: 'there is no pg_resetwal among these binaries' }
    const complaint = await server.runProgram(program, ['--next-transaction-id', `${nextXid}`, server.dataFolder])
    if (complaint !== undefined) return { refused: complaint }
    const segment = commitLogFile(server.dataFolder, nextXid)
    // pg_resetwal leaves it to its user to make the part of the commit log that the server goes on in.
    if (existsSync(segment)) return {}
    const unmade = await server.runProgram('dd', ['if=/dev/zero', `of=${segment}`, 'bs=256k', 'count=1'])
    return unmade === undefined ? {} : { refused: unmade }
  }

  /** Runs pg_recvlogical where there is one. */
  async receive({
    from,
    node,
    database,
    slot,
    options,
    create,
    end,
  }: RequestOf<'receive'>): Promise<ResponseOf<'receive'>> {
    const { server } = this.node(node)
    const program = join(server.place.binaries.folder, 'pg_recvlogical')
    if (!existsSync(program)) return { skipped: 'there is no pg_recvlogical among these binaries' }
    const port = await this.port(from, node)
    const child = server.converse(program, [
      '--start',
      '--no-loop',
      '--file=-',
      `--slot=${slot}`,
      `--dbname=host=127.0.0.1 port=${port} user=postgres dbname=${database}`,
      ...options.map(option => `--option=${option}`),
      ...(create === undefined ? [] : ['--create-slot', `--plugin=${create}`]),
      ...(end === undefined ? [] : [`--endpos=${end}`]),
    ])
    return { receiver: new RealReceiver(node, child, text => this.parts.names.translate(text)) }
  }

  /** What a standby has as primary_conninfo: the way to its upstream leads through their link. */
  async conninfo(standby: string, upstream: string): Promise<string> {
    const port = await this.port(standby, upstream)
    const who = `host=127.0.0.1 port=${port} user=postgres application_name=${standby}`
    return Number.parseInt(this.parts.binaries.version, 10) >= 17 ? `${who} dbname=postgres` : who
  }

  /** SQL in which a node is to connect to others by their names: the way leads through their links. */
  async reaching(from: string, query: Query): Promise<Query> {
    if (!/\bconnection\s+'/i.test(query.template)) return query
    const text = queryText(query)
    const ports = new Map<string, number>()
    for (const [, name] of text.matchAll(connectionHost)) {
      if (this.nodes.has(name)) ports.set(name, await this.port(from, name))
    }
    const template = text.replace(connectionHost, (whole, name: string) =>
      ports.has(name) ? `host=127.0.0.1 port=${ports.get(name)}` : whole,
    )
    return { template, values: [] }
  }

  /** Where a node finds another: of a proxy that stands for their link. */
  private port(from: string, to: string): Promise<number> {
    const key = `${from} ${to}`
    const port = this.proxies.get(key) ?? this.openProxy(from, to)
    this.proxies.set(key, port)
    return port
  }

  private async openProxy(standby: string, upstream: string): Promise<number> {
    const { links, names } = this.parts
    const { port } = await links.proxy(standby, upstream, this.node(upstream).server.place.port, await freePort())
    names.server(port, upstream)
    return port
  }

  isUp(host: string): boolean {
    return !this.hostsDown.has(host)
  }

  /** Nothing of this host runs any more, and nobody hears of it: its peers are not even told that it is gone. */
  takeDown(host: string): readonly ClusterNode[] {
    this.hostsDown.add(host)
    const here = this.on(host)
    for (const { server } of here) this.parts.links.silence(server.name)
    const running = here.filter(({ server }) => server.postmaster !== undefined)
    for (const { server } of here) server.killAll()
    return running
  }

  bringUp(host: string): void {
    this.hostsDown.delete(host)
    for (const { server } of this.on(host)) this.parts.links.unsilence(server.name)
  }

  hostOf(node: string): string {
    return this.parts.topology.nodes.find(({ name }) => name === node)!.host
  }

  /** `gently`: each server writes its shutdown checkpoint, so that its folder can be looked at. */
  async close(gently: boolean): Promise<void> {
    for (const { server } of this.all) server.onExit = () => {}
    for (const { own } of this.all) await own.close()
    this.strangers.close()
    if (gently) await Promise.all(this.all.map(({ server }) => server.stopAndWait()))
    for (const { server } of this.all) server.killAll()
  }

  private on(host: string): ClusterNode[] {
    return this.parts.topology.nodes.filter(node => node.host === host).map(({ name }) => this.node(name))
  }

  private async add(name: string): Promise<void> {
    const { folder, binaries, user, names, stampsCommits } = this.parts
    const path = folder.make(name)
    const port = await freePort()
    names.server(port, name)
    const own = {
      ...ownSettings(port, path, logLinePrefix),
      ...(stampsCommits ? { track_commit_timestamp: 'on' } : {}),
    }
    const server = new RealServer({ name, folder: path, port, binaries, user, ownSettings: own })
    this.nodes.set(name, { server, own: new OwnConnection(path, port) })
  }
}

/** The file of pg_xact that a transaction belongs to: two bits for each, in 32 pages. */
function commitLogFile(dataFolder: string, xid: number): string {
  const number = Math.floor(xid / (4 * 8192 * 32))
  return join(dataFolder, 'pg_xact', number.toString(16).toUpperCase().padStart(4, '0'))
}
