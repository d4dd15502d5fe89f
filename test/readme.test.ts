// The README's excerpts are what the scenarios and their goldens say.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const readme = readFileSync('README.md', 'utf8')
const excerpts = [...readme.matchAll(/<!-- excerpt: (\S+) -->\n+```\w*\n([\s\S]*?)\n```/g)]

test('there are excerpts', () => {
  expect(excerpts.length).toBe(2)
})

test.each(excerpts.map(([, file, text]) => [file, text]))('of %s, line by line and in order', (file, text) => {
  const lines = readFileSync(file, 'utf8').split('\n')
  let at = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.trim() === '[…]') continue
    const found = lines.indexOf(line, at)
    expect(found, `this line of the README, after line ${at} of ${file}: ${line}`).toBeGreaterThanOrEqual(at)
    at = found + 1
  }
})
