// pg_settings: every setting as this session has it.

import { booleanType } from '../catalog/types/boolean.ts'
import { textType } from '../catalog/types/text.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgSettings: SystemView = {
  name: 'pg_settings',
  columns: [
    { name: 'name', type: textType },
    { name: 'setting', type: textType },
    { name: 'context', type: textType },
    { name: 'vartype', type: textType },
    { name: 'pending_restart', type: booleanType },
  ],
  rows: ({ session }) => {
    const { settings } = session.server.environment
    return [...settings.definitions.values()]
      .map(definition => [
        definition.name,
        session.settings.show(definition.name) ?? '',
        definition.context,
        definition.type,
        settings.pendingRestart.has(definition.name),
      ])
      .sort((a, b) => (a[0] < b[0] ? -1 : 1))
  },
}
