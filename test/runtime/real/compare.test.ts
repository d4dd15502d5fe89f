// The simulation and a real server say the same of the shortest lessons. All of them are compared for docs/fidelity.md.

import { describe, expect, test } from 'vitest'
import Compare from '../../../src/commands/compare.ts'
import { runCommand } from '../../commands/harness.ts'
import { reason } from './server.ts'

const lessons = [
  '01-processes/first-connection.drill',
  '02-crash/kill-backend.drill',
  '04-locks/deadlock.drill',
  '04-locks/lost-update.drill',
]

describe.skipIf(reason !== '')(`a real server agrees ${reason}`, () => {
  // What real servers do differently from one run to the next is no difference.
  test.each(lessons)('%s', { timeout: 180_000 }, async lesson => {
    const { out, error, status } = await runCommand(Compare, `scenarios/${lesson}`, '--postgres', '15', '--repeat', '2')
    expect({ error, status, out }).toMatchObject({ error: '', status: 0 })
  })
})
