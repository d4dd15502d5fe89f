// Settings with a dot in their name: any session and any file may make one, whether or not an extension ever defines it.
// Mirrors valid_custom_variable_name and add_placeholder_variable.

import type { SettingDefinition } from '../../../model/vocabulary.ts'

export function isCustomName(name: string): boolean {
  return /^[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*(\.[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*)+$/u.test(
    name,
  )
}

export function placeholder(name: string): SettingDefinition {
  return { name: name.toLowerCase(), type: 'string', context: 'user', summary: '' }
}
