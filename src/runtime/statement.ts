// Reads the slots of a statement that the resolver found to be right: what is there has the type of its definition.

import type { Preposition, Statement, Value } from '../model/scenario.ts'
import { defaultDatabase } from './engine.ts'

export function numberOf(value: Value | undefined): number | undefined {
  return value !== undefined && 'number' in value ? value.number : undefined
}

export function textOf(value: Value | undefined): string | undefined {
  return value === undefined ? undefined : value.type === 'reference' || value.type === 'step' ? value.name : value.text
}

export function parameter(statement: Statement, preposition: Preposition): Value | undefined {
  return statement.parameters[preposition]?.[0]
}

export function setting(statement: Statement, name: string): Value | undefined {
  return statement.settings.find(each => each.name === name)?.values[0]
}

/** The database that the statement connects to. */
export function databaseOf(statement: Statement): string {
  return textOf(setting(statement, 'dbname')) ?? defaultDatabase
}

export function isOptional(statement: Statement): boolean {
  const value = setting(statement, 'optional')
  return value?.type === 'boolean' && value.boolean
}

/** Whether a setting of the statement is there, and off. */
export function isSwitchedOff(statement: Statement, name: string): boolean {
  const value = setting(statement, name)
  return value?.type === 'boolean' && !value.boolean
}

/** The settings of a node as postgresql.conf would have them; several values are a list. */
export function postgresSettings(statement: Statement): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const { name, values } of statement.settings) {
    if (name !== 'optional') settings[name] = values.map(value => value.text).join(', ')
  }
  return settings
}
