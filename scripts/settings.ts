// Reads from real servers which settings PostgreSQL has, and makes src/runtime/simulated/settings/facts.ts of it.
// A server is asked in single-user mode on a cluster that initdb has just made: what differs from the boot values there
// is what initdb has written into postgresql.conf.

import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InitialFile, SettingFacts } from '../src/runtime/simulated/settings/facts.ts'

export const factsPath = 'src/runtime/simulated/settings/facts.ts'

export interface ServerFacts {
  readonly major: number
  readonly settings: readonly SettingFacts[]
  readonly file: InitialFile
}

/** A row of pg_settings. */
interface Row {
  readonly name: string
  readonly vartype: SettingFacts['type']
  readonly context: SettingFacts['context']
  readonly unit: string | null
  readonly min_val: string | null
  readonly max_val: string | null
  readonly enumvals: readonly string[] | null
  readonly boot_val: string | null
}

/** What is the packager's and not PostgreSQL's. */
const packagers = ['extension_destdir']
const bootAsReleased: Readonly<Record<string, string>> = {
  krb_server_keyfile: '',
  unix_socket_directories: '/tmp',
}
/** A server that was built without a library does not know its choices. */
const choicesOfFullBuild: Readonly<Record<string, readonly string[]>> = {
  default_toast_compression: ['pglz', 'lz4'],
  io_method: ['sync', 'worker', 'io_uring'],
  wal_compression: ['pglz', 'lz4', 'zstd', 'on', 'off'],
}

export function readServer(bindir: string): ServerFacts {
  const directory = mkdtempSync(join(tmpdir(), 'pgdrill-settings-'))
  const user = process.getuid?.() === 0 ? unprivileged() : undefined
  if (user) chownSync(directory, user.uid, user.gid)
  const options = { ...user, cwd: directory, env: { PATH: process.env.PATH, TZ: 'Etc/UTC', LC_ALL: 'C' } }
  const data = join(directory, 'data')
  const answer = join(directory, 'answer')
  try {
    const flags = ['--no-sync', '--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C.UTF-8']
    execFileSync(join(bindir, 'initdb'), ['--pgdata', data, ...flags], { ...options, stdio: 'pipe' })
    const input = `copy (select json_agg(pg_settings) from pg_settings) to '${answer}'\n`
    execFileSync(join(bindir, 'postgres'), ['--single', '-D', data, 'postgres'], { ...options, input, stdio: 'pipe' })
    const rows: readonly Row[] = JSON.parse(unescaped(readFileSync(answer, 'utf8')))
    const { boot_val: version } = rows.find(row => row.name === 'server_version_num')!
    return {
      major: Math.floor(Number(version) / 10_000),
      settings: rows.filter(({ name }) => !packagers.includes(name)).map(factsOfRow),
      file: readFile(readFileSync(join(data, 'postgresql.conf'), 'utf8')),
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** PostgreSQL does not run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** What COPY has done to a line feed and a backslash. */
function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
}

function factsOfRow(row: Row): SettingFacts {
  const { name, vartype: type, context, unit, min_val: min, max_val: max, enumvals } = row
  const choices = enumvals && (choicesOfFullBuild[name] ?? enumvals)
  const boot = name === 'server_version' ? row.boot_val!.split(' ')[0] : (bootAsReleased[name] ?? row.boot_val)
  return {
    name,
    type,
    context,
    ...(unit === null ? {} : { unit }),
    ...(min === null ? {} : { min: Number(min) }),
    ...(max === null ? {} : { max: Number(max) }),
    ...(choices === null ? {} : { choices }),
    ...(boot === null ? {} : { boot }),
  }
}

function readFile(text: string): InitialFile {
  const lines = text.trimEnd().split('\n')
  const settings = lines.flatMap((line, index) => {
    const found = /^(\w+)\s*=\s*(?:'([^']*)'|(\S+))/.exec(line)
    return found ? [{ name: found[1], text: found[2] ?? found[3], line: index + 1 }] : []
  })
  const listenAddresses = lines.findIndex(line => line.startsWith('#listen_addresses')) + 1
  return { lines: lines.length, listenAddresses, settings }
}

/** The file of facts. A setting has a line for each range of majors in which it is the same. */
export function factsOf(servers: readonly ServerFacts[]): string {
  const ordered = [...servers].sort((a, b) => a.major - b.major)
  const first = ordered[0].major
  const last = ordered.at(-1)!.major
  const ranges: { facts: SettingFacts; json: string; since: number; until: number }[] = []
  for (const { major, settings } of ordered) {
    for (const facts of settings) {
      const json = JSON.stringify(facts)
      const same = ranges.find(range => range.json === json && range.until === major - 1)
      if (same) same.until = major
      else ranges.push({ facts, json, since: major, until: major })
    }
  }
  const order = (name: string) => name.toLowerCase()
  ranges.sort((a, b) =>
    a.facts.name === b.facts.name ? a.since - b.since : order(a.facts.name) < order(b.facts.name) ? -1 : 1,
  )
  const lines = ranges.map(({ facts, since, until }) => {
    const range = { ...(since > first ? { since } : {}), ...(until < last ? { until } : {}) }
    return `  ${JSON.stringify({ ...facts, ...range })},`
  })
  const files = ordered.map(({ major, file }) => {
    const settings = file.settings.map(each => `      ${JSON.stringify(each)},`)
    const { lines, listenAddresses } = file
    return `  ${major}: {\n    lines: ${lines},\n    listenAddresses: ${listenAddresses},\n    settings: [\n${settings.join('\n')}\n    ],\n  },`
  })
  return `${head}export const settingFacts: readonly SettingFacts[] = [
${lines.join('\n')}
]

// biome-ignore format: one line a setting
/** By major. */
export const initialFiles: Readonly<Record<number, InitialFile>> = {
${files.join('\n')}
}
`
}

const head = `// Every setting of PostgreSQL 15 to 18, and what initdb writes into postgresql.conf: facts, read from real servers.
// Written by npm run settings, never by hand.

import type { SettingDefinition } from '../../../model/vocabulary.ts'

/** As pg_settings has it. */
export type SettingFacts = Omit<SettingDefinition, 'summary' | 'notActedUpon'>

/** postgresql.conf as initdb leaves it: how many lines it has, and which of them set something. */
export interface InitialFile {
  readonly lines: number
  /** The line in which listen_addresses stands as a comment. */
  readonly listenAddresses: number
  readonly settings: readonly { readonly name: string; readonly text: string; readonly line: number }[]
}

// biome-ignore format: one line a setting
/** A setting that changed between majors stands here once for each of its forms. */
`
