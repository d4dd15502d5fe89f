// A reader that takes its time gets all of the output: Node's process.exit() forgets what a pipe has not taken yet.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const command = `"${process.execPath}" bin/run.js run scenarios/07-disk/log-volume-full.drill --format ndjson`

test('more than a pipe takes at once', () => {
  const read = (shell: string) => execFileSync('sh', ['-c', shell], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const slowly = read(`${command} | { sleep 3; cat; }`)
  expect(slowly.length).toBeGreaterThan(70_000)
  expect(slowly.endsWith('\n')).toBe(true)
  expect(JSON.parse(slowly.trimEnd().split('\n').at(-1)!)).toBeDefined()
})
