// Archives as folders of the run. Each server knows the archive that it copies to by a link of its own, and the one that
// it fetches from by another; where a link is missing the command fails.

import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { archivedNodes } from '../../archived-nodes.ts'
import type { ArchiveDeclaration, Ordered, RequestOf, Settings, Topology } from '../../engine.ts'
import type { RunFolder } from './run-folder.ts'

/** How long a request to an object store takes, in seconds, where the scenario does not say. */
const objectStoreLatency = 0.05

export class Archives {
  private readonly folder: RunFolder
  private readonly topology: Topology
  private readonly archives: ReadonlyMap<string, ArchiveDeclaration>
  private readonly folders = new Map<string, string>()
  /** From which archive a node fetches. */
  private readonly sources = new Map<string, string>()

  constructor(folder: RunFolder, topology: Topology) {
    this.folder = folder
    this.topology = topology
    this.archives = archivedNodes(topology)
    for (const { name } of topology.archives) this.folders.set(name, folder.make(`archive-${name}`))
    for (const [node, { name }] of this.archives) this.link(this.linkTo(node), name)
    for (const { name, archive } of topology.nodes) if (archive !== undefined) this.reads(name, archive)
  }

  /** Where an archive keeps the newest base backup. */
  backupFolder(archive: string): string {
    return join(this.folders.get(archive)!, 'base')
  }

  /** The node fetches from this archive from now on; gives the settings for that. */
  reads(node: string, archive: string): Settings {
    this.sources.set(node, archive)
    this.link(this.linkFrom(node), archive)
    return this.restoring(node)
  }

  /** Whether a node copies to this archive. */
  hasNode(node: string, archive: string): boolean {
    return this.archives.get(node)?.name === archive
  }

  /** What the node's archive gives it; what the scenario sets comes over it. */
  settingsOf(node: string): Settings {
    const archive = this.archives.get(node)
    const source = this.sources.has(node) ? this.restoring(node) : {}
    if (!archive) return source
    return { archive_mode: 'on', archive_command: `${wait(archive)}cp %p ${this.linkTo(node)}/%f`, ...source }
  }

  /** Lets the node's command fail, or work again. */
  fail({ node, command, fails }: RequestOf<'archive'>): Ordered {
    return command === 'archive_command' ? this.failArchiving(node, fails) : this.failRestoring(node, fails)
  }

  private failRestoring(node: string, fails: boolean): Ordered {
    const source = this.sources.get(node)
    if (source === undefined) return { refused: `${node} has no restore_command` }
    if (fails) rmSync(this.linkFrom(node), { force: true })
    else this.link(this.linkFrom(node), source)
    return {}
  }

  private failArchiving(node: string, fails: boolean): Ordered {
    const settings = this.topology.nodes.find(({ name }) => name === node)?.settings ?? {}
    const mode = settings.archive_mode ?? this.settingsOf(node).archive_mode ?? 'off'
    if (mode === 'off') return { refused: `archive_mode of ${node} is off` }
    if (settings.archive_command !== undefined || !this.archives.has(node)) {
      return { refused: `${node} has an archive_command of the scenario's own, which cannot be made to fail here` }
    }
    if (fails) rmSync(this.linkTo(node), { force: true })
    else this.link(this.linkTo(node), this.archives.get(node)!.name)
    return {}
  }

  private restoring(node: string): Settings {
    const archive = this.topology.archives.find(({ name }) => name === this.sources.get(node))!
    return { restore_command: `${wait(archive)}cp ${this.linkFrom(node)}/%f %p` }
  }

  private link(path: string, archive: string): void {
    rmSync(path, { force: true })
    symlinkSync(this.folders.get(archive)!, path)
  }

  private linkTo(node: string): string {
    return join(this.folder.path, `archive-of-${node}`)
  }

  private linkFrom(node: string): string {
    return join(this.folder.path, `archive-for-${node}`)
  }
}

/** What a request costs besides the copying, as a command before it. */
function wait({ kind, latency }: ArchiveDeclaration): string {
  const seconds = latency === undefined ? (kind === 'object-store' ? objectStoreLatency : 0) : latency / 1e9
  return seconds > 0 ? `sleep ${seconds} && ` : ''
}
