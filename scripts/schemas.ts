// What lists generate: the JSON Schemas of a scenario and of a run's events, docs/coverage.md, docs/settings.md
// and the table of words in docs/language.md. `npm run schemas` writes them, a test says when they are stale.

import { words as checkWords, functions, properties } from '../src/checks/index.ts'
import { schema } from '../src/dsl/index.ts'
import { settingDefinitions } from '../src/runtime/simulated/settings/definitions.ts'
import { words } from '../src/runtime/words/index.ts'
import { coveragePage, lessons } from './coverage-page.ts'
import { ndjsonSchema } from './ndjson-schema.ts'
import { settingsPage } from './settings-page.ts'
import { tablesOfWords } from './words.ts'

const vocabulary = { words: [...words, ...checkWords], settings: settingDefinitions, properties, functions }

const begin = '<!-- words: written by npm run schemas -->\n'
const end = '<!-- end of words -->'

/** Text by path; `old` gives what stands there now. */
export function generated(old: (path: string) => string): ReadonlyMap<string, string> {
  const page = old('docs/language.md')
  const before = page.slice(0, page.indexOf(begin) + begin.length)
  const after = page.slice(page.indexOf(end))
  return new Map([
    ['schemas/scenario.schema.json', `${JSON.stringify(schema(vocabulary), undefined, 2)}\n`],
    ['schemas/ndjson.schema.json', `${JSON.stringify(ndjsonSchema(), undefined, 2)}\n`],
    ['docs/coverage.md', coveragePage(lessons(vocabulary))],
    ['docs/settings.md', settingsPage()],
    ['docs/language.md', `${before}\n${tablesOfWords(vocabulary.words)}\n${after}`],
  ])
}
