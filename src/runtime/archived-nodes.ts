// Which archive each node archives to. A standby is made by a base backup, so it has its upstream's, unless it is given
// one of its own.

import type { ArchiveDeclaration, Topology } from './engine.ts'

export function archivedNodes({ nodes, archives }: Topology): ReadonlyMap<string, ArchiveDeclaration> {
  const found = new Map<string, ArchiveDeclaration>()
  for (const { name, upstream } of nodes) {
    const own = archives.find(archive => archive.nodes.includes(name))
    const archive = own ?? (upstream === undefined ? undefined : found.get(upstream))
    if (archive) found.set(name, archive)
  }
  return found
}
