// However pgdrill ends, nothing of a real run stays: no process, no folder, no shared memory, no port.

import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reason } from './server.ts'

/** What is on this machine of any run: folders, processes that work in them, segments of shared memory. */
function remains() {
  const folders = readdirSync(tmpdir()).filter(name => name.startsWith('pgdrill-run-'))
  const processes = readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && workingFolder(pid).includes('pgdrill-run-'))
  const segments = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n').length
  return { folders, processes, segments, shared: readdirSync('/dev/shm').length }
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(join('/proc', pid, 'cwd'))
  } catch {
    return ''
  }
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise(resolve => child.once('exit', (code, signal) => resolve(signal ?? String(code))))
}

const scenario = 'scenarios/03-replication/failover.yaml'

describe.skipIf(reason !== '')(`a run that is killed leaves nothing behind ${reason}`, () => {
  // Moments from the search for the programs to the middle of the run, in milliseconds.
  const moments = [
    150, 300, 450, 600, 800, 1000, 1250, 1500, 1800, 2100, 2400, 2800, 3200, 3700, 4200, 4800, 5500, 6200, 7000, 8000,
  ]
  const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const

  for (const [index, moment] of moments.entries()) {
    const signal = signals[index % signals.length]
    test(`${signal} after ${moment} ms`, async () => {
      const before = remains()
      const child = spawn(process.execPath, ['bin/run.js', 'run', scenario, '--engine', 'postgres', '--quiet'], {
        stdio: 'ignore',
      })
      const end = ended(child)
      await new Promise(resolve => setTimeout(resolve, moment))
      child.kill(signal)
      expect(await end).toBe(signal)
      if (signal === 'SIGKILL') await clearUp()
      expect(remains()).toEqual(before)
    })
  }
})

/** The next run clears what a killed one left: the shortest there is. */
async function clearUp(): Promise<void> {
  const child = spawn(process.execPath, [
    'bin/run.js',
    'run',
    'test/runtime/real/short.drill',
    '--engine',
    'postgres',
    '--quiet',
  ])
  expect(await ended(child)).toBe('0')
}
