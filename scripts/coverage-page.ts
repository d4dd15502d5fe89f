// docs/coverage.md: which lesson shows what of PostgreSQL, and what none shows yet.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from '../src/dsl/index.ts'
import type { Vocabulary } from '../src/model/vocabulary.ts'
import { type CoverageRow, coverage } from './coverage.ts'

const intro = `# Coverage

What of PostgreSQL plays, and which lesson shows it. A lesson says what it teaches; the list of what there is to teach is
\`scripts/coverage.ts\`, and \`npm run schemas\` writes this page from the two. How each lesson fares on real servers stands
in [fidelity.md](fidelity.md).
`

export interface Lesson {
  readonly file: string
  readonly title: string
  readonly teaches: readonly string[]
}

/** The scenarios of the repository, in the order of the course. */
export function lessons(vocabulary: Vocabulary): readonly Lesson[] {
  const files = readdirSync('scenarios', { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.(drill|yaml)$/.test(name),
  )
  return files.sort().map(name => {
    const file = join('scenarios', name)
    const { scenarios } = load({ name: file, text: readFileSync(file, 'utf8') }, vocabulary)
    const { title, teaches } = scenarios![0]
    return { file, title, teaches }
  })
}

export function coveragePage(all: readonly Lesson[]): string {
  const groups = coverage.map(({ title, rows }) => {
    const items = rows.map(
      row =>
        `- **${row.what}**\n${shownBy(row, all)
          .map(line => `  ${line}\n`)
          .join('')}`,
    )
    return `## ${title}\n\n${items.join('')}`
  })
  return [intro, ...groups].join('\n')
}

/** Lines of Markdown. */
function shownBy({ topic, open }: CoverageRow, all: readonly Lesson[]): readonly string[] {
  const showing = all.filter(({ teaches }) => teaches.includes(topic))
  // A lesson in both spellings is one.
  const titles = new Map(showing.map(({ title, file }) => [title, file]))
  const links = [...titles].map(([title, file]) => `- [${title}](../${file})`)
  return open === undefined ? links : [`- _open_: ${open}`, ...links]
}
