// Text -> the raw tree, by the spelling that the file's name tells.

import type { SourceFile } from '../model/source.ts'
import type { Complaints } from './complaints.ts'
import { readDrill } from './drill/read.ts'
import { readIsolation } from './isolation/read.ts'
import { longestText } from './limits.ts'
import type { RawScenario } from './syntax.ts'
import type { Words } from './words.ts'
import { readYaml } from './yaml/read.ts'

export type Spelling = 'drill' | 'yaml'

function spellingOf({ name }: SourceFile): Spelling | 'spec' {
  if (/\.spec$/i.test(name)) return 'spec'
  return /\.ya?ml$/i.test(name) ? 'yaml' : 'drill'
}

/** Undefined where the text is no tree at all; then there are complaints. */
export function readRaw(source: SourceFile, words: Words, complaints: Complaints): RawScenario | undefined {
  const { text } = source
  if (text.length > longestText) {
    complaints.add('too-large', { start: 0, end: 1 }, `the file is larger than ${longestText / 1024 / 1024} MB`)
    return undefined
  }
  const nul = text.indexOf('\0')
  if (nul !== -1) {
    const help = 'is this a text file, in UTF-8?'
    complaints.add('syntax', { start: nul, end: nul + 1 }, 'a NUL byte stands in the text', help)
    return undefined
  }
  switch (spellingOf(source)) {
    case 'yaml':
      return readYaml(text, words, complaints)
    case 'spec':
      return readIsolation(text, titleOf(source), complaints)
    case 'drill':
      return readDrill(text, complaints)
  }
}

/** PostgreSQL's specs have no title but the name of their file. */
function titleOf({ name }: SourceFile): string {
  return name.replace(/^.*[/\\]|\.spec$/gi, '')
}
