// pg_settings: every setting as this session has it. Without category, short_desc and extra_desc.

import { formatBound, formatSettingBare, formatSettingRaw } from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { textArrayType } from '../catalog/types/array.ts'
import { booleanType } from '../catalog/types/boolean.ts'
import { int4Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import type { Value } from '../catalog/types/type.ts'
import type { Execution } from '../sql/expressions/execution.ts'
import { findSetting } from '../sql/settings.ts'
import type { SystemView } from '../sql/system-view.ts'

export const pgSettings: SystemView = {
  name: 'pg_settings',
  columns: [
    ...['name', 'setting', 'unit', 'context', 'vartype', 'source', 'min_val', 'max_val'].map(textColumn),
    { name: 'enumvals', type: textArrayType },
    ...['boot_val', 'reset_val', 'sourcefile'].map(textColumn),
    { name: 'sourceline', type: int4Type },
    { name: 'pending_restart', type: booleanType },
  ],
  rows: execution => [...execution.session.server.environment.settings.all()].map(each => rowOf(execution, each)),
}

function textColumn(name: string): SystemView['columns'][number] {
  return { name, type: textType }
}

function rowOf({ session }: Execution, definition: SettingDefinition): Value[] {
  const { name, type, unit, context, min, max, choices } = definition
  const server = session.server.environment.settings
  const found = session.settings.find(name)!
  const reset = session.settings.resetValue(name)
  const origin = session.settings.origin(name)
  const file = typeof origin === 'object' ? origin : undefined
  const source = typeof origin === 'object' ? 'configuration file' : origin
  const bound = (number: number | undefined) => (number === undefined ? null : formatBound(definition, number))
  const ofTransaction = /^transaction_(deferrable|isolation|read_only)$/.test(name)
  const isComputed = ofTransaction || name === 'in_hot_standby' || name === 'archive_command'
  const setting = isComputed ? findSetting(session, name)! : formatSettingBare(definition, found.value)
  const isUsual = setting === formatSettingBare(definition, reset)
  return [
    name,
    setting,
    unit ?? null,
    context,
    type,
    ofTransaction ? (isUsual ? 'override' : 'session') : source,
    bound(min),
    bound(max),
    choices ? [...choices] : null,
    definition.boot ?? null,
    formatSettingRaw(definition, reset),
    file && session.proc.isSuperuser ? `${server.values.data_directory}/${file.file}` : null,
    file && session.proc.isSuperuser ? file.line : null,
    server.pendingRestart.has(name),
  ]
}
