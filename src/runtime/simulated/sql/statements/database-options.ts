// Options of CREATE DATABASE and ALTER DATABASE. Mirrors the first parts of createdb and AlterDatabase of dbcommands.c. What
// would need other locales, owners or encodings is refused by name.

import type { Node } from '@pgsql/types'
import { parseBool } from '../../../../model/setting-value.ts'
import { fail } from '../../shared/error.ts'
import { failAt } from '../source.ts'
import { argumentText } from './storage-options.ts'

export interface DatabaseOptions {
  readonly template?: string
  readonly strategy?: 'wal_log' | 'file_copy'
  readonly isTemplate?: boolean
  readonly allowsConnections?: boolean
  readonly connectionLimit?: number
  readonly oid?: number
  readonly tablespace?: string
}

const firstNormalOid = 16384

const keys: Readonly<Record<string, keyof DatabaseOptions>> = {
  template: 'template',
  strategy: 'strategy',
  is_template: 'isTemplate',
  allow_connections: 'allowsConnections',
  connection_limit: 'connectionLimit',
  oid: 'oid',
  tablespace: 'tablespace',
}

/** What ALTER DATABASE may change. */
export const alterable = ['is_template', 'allow_connections', 'connection_limit', 'tablespace']

/** Known to PostgreSQL, and not played. */
export const unplayedDatabaseOptions = [
  'owner',
  'encoding',
  'locale',
  'lc_collate',
  'lc_ctype',
  'icu_locale',
  'icu_rules',
  'builtin_locale',
  'locale_provider',
  'collation_version',
  'location',
]

/** `allowed`: all, or some of them. */
export function readDatabaseOptions(nodes: readonly Node[], allowed = Object.keys(keys)): DatabaseOptions {
  const given: Record<string, unknown> = {}
  for (const node of nodes) {
    if (!('DefElem' in node)) continue
    const { defname = '', arg, location = -1 } = node.DefElem
    if (unplayedDatabaseOptions.includes(defname)) {
      fail('0A000', `${defname.toUpperCase()} of a database is not played yet`)
    }
    if (!allowed.includes(defname)) failAt(location, '42601', `option "${defname}" not recognized`)
    if (keys[defname] in given) failAt(location, '42601', 'conflicting or redundant options')
    // DEFAULT is as if nothing had been said.
    given[keys[defname]] = arg ? meaningOf(defname, arg) : undefined
  }
  return given
}

function meaningOf(name: string, argument: Node): string | boolean | number {
  const text = argumentText(argument)
  switch (name) {
    case 'is_template':
    case 'allow_connections':
      return parseBool(text) ?? fail('42601', `${name} requires a Boolean value`)
    case 'connection_limit':
      if (Number(text) < -1) fail('22023', `invalid connection limit: ${text}`)
      return Number(text)
    case 'oid':
      if (Number(text) < firstNormalOid) {
        fail('22023', `OIDs less than ${firstNormalOid} are reserved for system objects`)
      }
      return Number(text)
    case 'strategy':
      return strategyOf(text)
  }
  return text
}

function strategyOf(text: string): 'wal_log' | 'file_copy' {
  const strategy = text.toLowerCase()
  if (strategy === 'wal_log' || strategy === 'file_copy') return strategy
  return fail('22023', `invalid create database strategy "${text}"`, {
    hint: 'Valid strategies are "wal_log" and "file_copy".',
  })
}
