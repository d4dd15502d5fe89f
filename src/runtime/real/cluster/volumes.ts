// Volumes with a size: small file systems in memory, which the machine lets root mount. They lie in the run's folder and
// are taken down with it. How fast a disk is cannot be chosen here, nor that it fails.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ordered, RequestOf, Topology, VolumeDeclaration, VolumeName } from '../../engine.ts'
import type { ServerUser } from './server-user.ts'

/** What takes up the room on a volume that is filled. */
const fillerName = 'filler'
const chunk = Buffer.alloc(1024 * 1024)

/** Said of what a scenario asks for and this machine cannot do. */
export interface Shortfall {
  readonly kind: 'action.skipped' | 'action.limited'
  readonly node: string
  readonly text: string
  readonly reason: string
}

export class Volumes {
  readonly shortfalls: Shortfall[] = []
  private readonly mounted = new Map<string, string>()
  private readonly user: ServerUser | undefined

  /** Mounts what has a size. `folderOf` gives the folder of a node; its data directory lies below it, in `data`. */
  constructor(topology: Topology, user: ServerUser | undefined, folderOf: (node: string) => string) {
    this.user = user
    for (const volume of topology.volumes) this.make(volume, folderOf(volume.node))
  }

  /** Where the node's pg_wal is to lie, if it has a file system of its own. */
  walFolder(node: string): string | undefined {
    return this.mounted.get(`pg_wal of ${node}`)
  }

  /** Where what the node's logger writes is to lie, if it has a file system of its own. */
  logFolder(node: string): string | undefined {
    return this.mounted.get(`log of ${node}`)
  }

  /** Puts a file on the volume, or takes it away. */
  fill({ node, volume, to }: RequestOf<'fill'>): Ordered {
    const folder = this.mounted.get(`${volume} of ${node}`)
    if (folder === undefined) return { skipped: `${volume} of ${node} has no file system of its own here` }
    const filler = join(folder, fillerName)
    rmSync(filler, { force: true })
    if (to === undefined) return {}
    const { bsize, blocks, bfree } = statfsSync(folder)
    const wanted = Math.floor((blocks * to - (blocks - bfree)) * bsize)
    if (wanted < 0) return { refused: `${volume} of ${node} is fuller than that already` }
    for (let left = wanted; left > 0; left -= chunk.length) {
      writeFileSync(filler, chunk.subarray(0, Math.min(left, chunk.length)), { flag: 'a' })
    }
    return {}
  }

  private make({ node, name, size, bandwidth, fsync }: VolumeDeclaration, folder: string): void {
    const text = `volume ${name} of ${node}`
    if (bandwidth !== undefined || fsync !== undefined) {
      this.shortfalls.push({ kind: 'action.limited', node, text, reason: "it is as fast as this machine's" })
    }
    if (size === undefined) return
    const path = join(folder, placeOf(name))
    mkdirSync(path, { mode: 0o700 })
    const reason = mount(path, size, this.user)
    if (reason === undefined) this.mounted.set(`${name} of ${node}`, path)
    else this.shortfalls.push({ kind: 'action.skipped', node, text, reason })
  }
}

/** The data directory itself, or a folder that pg_wal or log is a link to. */
function placeOf(name: VolumeName): string {
  return name === 'data' ? 'data' : `${name}-volume`
}

/** Gives why it could not. */
function mount(path: string, size: number, user: ServerUser | undefined): string | undefined {
  if (!user) return 'only root may mount a file system of that size'
  const options = `size=${size},mode=0700,uid=${user.uid},gid=${user.gid}`
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'pgdrill', path], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'this machine does not let a file system of that size be mounted'
  }
}

/** Takes down every file system below this folder. */
export function unmountBelow(folder: string): void {
  const places = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[4])
    .filter(place => place?.startsWith(`${folder}/`))
  for (const place of places) execFileSync('umount', ['--lazy', place], { stdio: 'ignore' })
}
