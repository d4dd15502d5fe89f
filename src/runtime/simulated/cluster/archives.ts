// How nodes archive and fetch: the settings that an archive gives them. What the scenario sets comes first.

import { archivedNodes } from '../../archived-nodes.ts'
import type { Settings, Topology } from '../../engine.ts'

/** Where an archive is mounted, on every machine. */
export function archiveDirectory(name: string): string {
  return `/archive/${name}`
}

export function restoreCommand(archive: string): string {
  return `cp ${archiveDirectory(archive)}/%f %p`
}

/** The settings of each node. */
export function withArchives(topology: Topology): ReadonlyMap<string, Settings> {
  const archives = archivedNodes(topology)
  return new Map(
    topology.nodes.map(({ name, settings, archive: source }) => {
      const archive = archives.get(name)
      const command = archive && `cp %p ${archiveDirectory(archive.name)}/%f`
      return [
        name,
        {
          ...(command === undefined ? {} : { archive_mode: 'on', archive_command: command }),
          ...(source === undefined ? {} : { restore_command: restoreCommand(source) }),
          ...settings,
        },
      ]
    }),
  )
}
