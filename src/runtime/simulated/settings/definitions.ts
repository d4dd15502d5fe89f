// Every setting of PostgreSQL 15 to 18: the facts of facts.ts, with our word on what each is for, and on why nothing
// here acts on it, where nothing does.

import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { settingFacts } from './facts.ts'
import { notPlayed } from './not-played.ts'
import { summaries } from './summaries.ts'
import { withoutEffect } from './without-effect.ts'

export const settingDefinitions: readonly SettingDefinition[] = settingFacts.map(facts => {
  const { name } = facts
  const notActedUpon = notPlayed[name] ?? withoutEffect[name]
  return { ...facts, summary: summaries[name], ...(notActedUpon === undefined ? {} : { notActedUpon }) }
})

const byVersion = new Map<number, ReadonlyMap<string, SettingDefinition>>()

/** By name in small letters, in the order of their names. */
export function definitionsOf(version: number): ReadonlyMap<string, SettingDefinition> {
  let definitions = byVersion.get(version)
  if (!definitions) {
    const known = settingDefinitions.filter(
      each => (each.since ?? version) <= version && version <= (each.until ?? version),
    )
    definitions = new Map(known.map(each => [each.name.toLowerCase(), each]))
    byVersion.set(version, definitions)
  }
  return definitions
}
