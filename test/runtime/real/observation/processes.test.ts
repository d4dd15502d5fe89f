// What the process list says that is not so.

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { Names } from '../../../../src/runtime/real/names.ts'
import { Processes } from '../../../../src/runtime/real/observation/processes.ts'
import { recorder } from './recorder.ts'

const ended = spawnSync('true').pid

test('a child that the list lacks and that is alive has not ended', () => {
  const story = recorder()
  const processes = new Processes({ node: 'primary', teller: story, names: new Names(), isObserver: () => false })
  processes.started(process.pid, 'startup', process.ppid)
  processes.started(ended, 'bgwriter', process.ppid)
  for (let looks = 0; looks < 5; looks++) processes.look(process.ppid, new Set())
  expect(story.of('process.started').map(({ type }) => type)).toEqual(['startup', 'bgwriter'])
  expect(story.of('process.exited').map(({ type }) => type)).toEqual(['bgwriter'])
})
