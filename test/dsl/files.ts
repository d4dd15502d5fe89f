// Finds and reads the files that the tests walk.

import { readdirSync, readFileSync } from 'node:fs'
import type { SourceFile } from '../../src/model/source.ts'

/** Sorted, with forward slashes, relative to the project. */
export function filesIn(folder: string, ending: RegExp): readonly string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return all
    .filter(name => ending.test(name))
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort()
}

export function read(name: string): SourceFile {
  return { name, text: readFileSync(name, 'utf8') }
}
