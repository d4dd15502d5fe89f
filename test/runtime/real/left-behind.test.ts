// However pgdrill ends, nothing of a real run stays: no process, no folder, no shared memory. (A port is a process's.)

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reason } from './server.ts'

/** Runs make their folders here, and look for those of others here. */
let temporary: string

beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'pgdrill-test-'))
  chmodSync(temporary, 0o755)
})

afterAll(() => rmSync(temporary, { recursive: true }))

function play(scenario: string): ChildProcess {
  const parameters = ['bin/run.js', 'run', scenario, '--engine', 'postgres', '--quiet']
  return spawn(process.execPath, parameters, { stdio: 'ignore', env: { ...process.env, TMPDIR: temporary } })
}

function ended(child: ChildProcess): Promise<string> {
  return new Promise(resolve => child.once('exit', (code, signal) => resolve(signal ?? String(code))))
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}

/** The pids of processes that work below the temporary folder. */
function processes(): string[] {
  return readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && linkOf(pid).startsWith(temporary))
}

function linkOf(pid: string): string {
  try {
    return readlinkSync(join('/proc', pid, 'cwd'))
  } catch {
    return ''
  }
}

/** The System V segments of the servers that run now. */
function segments(): string[] {
  const runs = readdirSync(temporary).map(name => join(temporary, name))
  const servers = runs.flatMap(run => readdirSync(run).map(name => join(run, name, 'data', 'postmaster.pid')))
  return servers.flatMap(file => {
    try {
      const id = readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1]
      return id === undefined ? [] : [id]
    } catch {
      return []
    }
  })
}

function existing(ids: readonly string[]): string[] {
  const rows = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n')
  return ids.filter(id => rows.some(row => row.trim().split(/\s+/)[1] === id))
}

/** Files in /dev/shm that a process has mapped. */
function sharedFiles(pids: readonly string[]): string[] {
  return pids.flatMap(pid => {
    try {
      return readFileSync(`/proc/${pid}/maps`, 'utf8').match(/\/dev\/shm\/\S+/g) ?? []
    } catch {
      return []
    }
  })
}

describe.skipIf(reason !== '')(`a run that is killed leaves nothing behind ${reason}`, () => {
  // From the search for the programs to the middle of the run, in milliseconds.
  const moments = [
    150, 300, 450, 600, 800, 1000, 1250, 1500, 1800, 2100, 2400, 2800, 3200, 3700, 4200, 4800, 5500, 6200, 7000, 8000,
  ]
  const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
  let struckServers = 0

  for (const [index, moment] of moments.entries()) {
    const signal = signals[index % signals.length]
    test(`${signal} after ${moment} ms`, async () => {
      const child = play('test/runtime/real/busy.drill')
      const end = ended(child)
      await pause(moment)
      const running = processes()
      const memory = segments()
      if (running.length > 0) struckServers++
      const files = sharedFiles(running)
      child.kill(signal)
      expect(await end).toBe(signal)
      // What SIGKILL left the next run clears.
      if (signal === 'SIGKILL') expect(await ended(play('test/runtime/real/short.drill'))).toBe('0')
      expect(readdirSync(temporary)).toEqual([])
      expect(processes()).toEqual([])
      expect(existing(memory)).toEqual([])
      expect(files.filter(file => existsSync(file))).toEqual([])
    })
  }

  test('most of them had servers running', () => expect(struckServers).toBeGreaterThan(moments.length / 2))
})
