// Reads and finds scenario files.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceFile } from '../../index.ts'
import { UserError } from './command.ts'

/** A scenario that is larger than this is none. */
const largest = 4 * 1024 * 1024

const endings = /\.(drill|ya?ml|spec)$/

/** `name` is what messages call it; the path if left out. */
export function readScenario(path: string, name = path): SourceFile {
  try {
    if (statSync(path).size > largest) throw new UserError(`${path} is larger than 4 MB, which no scenario is`)
    return { name, text: readFileSync(path, 'utf8') }
  } catch (error) {
    throw fileError(path, error)
  }
}

/**
 * The scenarios that these paths name, at least one: files as they are, folders with all that lies below, in order of
 * their names.
 */
export function findScenarios(paths: readonly string[]): string[] {
  const found = paths.flatMap(path => {
    try {
      return statSync(path).isDirectory() ? scenariosBelow(path) : [path]
    } catch (error) {
      throw fileError(path, error)
    }
  })
  if (found.length === 0) throw new UserError('there are no scenarios')
  return found
}

function scenariosBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : scenariosBelow(path)
    return endings.test(entry.name) ? [path] : []
  })
}

export function fileError(path: string, error: unknown): Error {
  if (error instanceof UserError) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new UserError(`there is no file ${path}`)
  if (code === 'EISDIR') return new UserError(`${path} is a folder`)
  if (code === 'EACCES' || code === 'EPERM') return new UserError(`${path} may not be read or written`)
  return code === undefined && error instanceof Error ? error : new UserError(`${path}: ${code}`)
}
