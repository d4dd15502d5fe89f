// Archives as folders of the run. Each server knows its archive by a link of its own, and copies there; where the link
// is missing its archive_command fails.

import { rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { archivedNodes } from '../../archived-nodes.ts'
import type { ArchiveDeclaration, Ordered, Settings, Topology } from '../../engine.ts'
import type { RunFolder } from './run-folder.ts'

/** How long a request to an object store takes, in seconds, where the scenario does not say. */
const objectStoreLatency = 0.05

export class Archives {
  private readonly folder: RunFolder
  private readonly topology: Topology
  private readonly archives: ReadonlyMap<string, ArchiveDeclaration>
  private readonly folders = new Map<string, string>()

  constructor(folder: RunFolder, topology: Topology) {
    this.folder = folder
    this.topology = topology
    this.archives = archivedNodes(topology)
    for (const { name } of topology.archives) this.folders.set(name, folder.make(`archive-${name}`))
    for (const node of this.archives.keys()) this.link(node)
  }

  /** What the node's archive gives it; what the scenario sets comes over it. */
  settingsOf(node: string): Settings {
    const archive = this.archives.get(node)
    if (!archive) return {}
    const { kind, latency } = archive
    const seconds = latency === undefined ? (kind === 'object-store' ? objectStoreLatency : 0) : latency / 1e9
    const wait = seconds > 0 ? `sleep ${seconds} && ` : ''
    return { archive_mode: 'on', archive_command: `${wait}cp %p ${this.linkOf(node)}/%f` }
  }

  /** Lets the node's archive_command fail, or work again. */
  fail(node: string, fails: boolean): Ordered {
    const settings = this.topology.nodes.find(({ name }) => name === node)?.settings ?? {}
    const mode = settings.archive_mode ?? this.settingsOf(node).archive_mode ?? 'off'
    if (mode === 'off') return { refused: `archive_mode of ${node} is off` }
    if (settings.archive_command !== undefined || !this.archives.has(node)) {
      return { refused: `${node} has an archive_command of the scenario's own, which cannot be made to fail here` }
    }
    if (fails) rmSync(this.linkOf(node), { force: true })
    else this.link(node)
    return {}
  }

  private link(node: string): void {
    symlinkSync(this.folders.get(this.archives.get(node)!.name)!, this.linkOf(node))
  }

  private linkOf(node: string): string {
    return join(this.folder.path, `archive-of-${node}`)
  }
}
