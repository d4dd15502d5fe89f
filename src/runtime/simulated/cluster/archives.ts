// How nodes archive: the settings that an archive gives them. What the scenario sets comes first.

import { archivedNodes } from '../../archived-nodes.ts'
import type { Settings, Topology } from '../../engine.ts'

/** Where an archive is mounted, on every machine. */
export function archiveDirectory(name: string): string {
  return `/archive/${name}`
}

/** The settings of each node. */
export function withArchives(topology: Topology): ReadonlyMap<string, Settings> {
  const archives = archivedNodes(topology)
  return new Map(
    topology.nodes.map(({ name, settings }) => {
      const archive = archives.get(name)
      if (!archive) return [name, settings]
      const command = `cp %p ${archiveDirectory(archive.name)}/%f`
      return [name, { archive_mode: 'on', archive_command: command, ...settings }]
    }),
  )
}
