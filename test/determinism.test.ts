// The same file and seed give the same bytes in another process; twice in one process is test/runtime/simulation.test.ts.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const file = 'scenarios/03-replication/failover.yaml'

test('in two processes', () => {
  const run = () => execFileSync(process.execPath, ['bin/run.js', 'run', file, '--format', 'ndjson'])
  const first = run()
  expect(first.length).toBeGreaterThan(10_000)
  expect(run().equals(first)).toBe(true)
})
