// Every scenario of the repository plays as its golden timeline says. `npx pgdrill test --update` writes the goldens;
// read what changed.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { failed, play, timeline } from './playing.ts'

const files = readdirSync('scenarios', { recursive: true, encoding: 'utf8' })
  .filter(name => /\.(drill|yaml)$/.test(name))
  .map(name => join('scenarios', name))
  .sort()

test.each(files)('%s', async file => {
  const runs = await play(file)
  expect(failed(runs)).toEqual([])
  const second = file.replace(/\.yaml$/, '.yaml.timeline.txt')
  const golden = existsSync(second) && second !== file ? second : file.replace(/\.\w+$/, '.timeline.txt')
  expect(timeline(runs)).toBe(readFileSync(golden, 'utf8'))
})
