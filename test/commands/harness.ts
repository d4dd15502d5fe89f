// Runs a command in this process: what it prints, and its exit status.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Config } from '@oclif/core'
import { afterAll, vi } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

interface Runnable {
  run(argv: string[], config: Config): Promise<unknown>
}

export interface Ended {
  readonly out: string
  readonly error: string
  readonly status: number
}

export async function runCommand(command: Runnable, ...argv: string[]): Promise<Ended> {
  let out = ''
  let error = ''
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      out += text
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation(text => {
      error += text
      return true
    }),
    vi.spyOn(process, 'exit').mockImplementation(code => {
      throw new Exited(Number(code))
    }),
  ]
  let status = 0
  process.exitCode = undefined
  try {
    await command.run(argv, await Config.load(root))
    status = Number(process.exitCode ?? 0)
  } catch (thrown) {
    const { oclif, message } = thrown as { oclif?: { exit?: number }; message: string }
    if (thrown instanceof Exited) status = thrown.status
    else if (oclif?.exit === undefined) throw thrown
    else {
      status = oclif.exit
      error += message
    }
  } finally {
    process.exitCode = undefined
    for (const spy of spies) spy.mockRestore()
  }
  return { out, error, status }
}

class Exited extends Error {
  readonly status: number
  constructor(status: number) {
    super(`exit ${status}`)
    this.status = status
  }
}

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A folder of its own with these files; it is gone when the tests of the file are over. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pgdrill-test-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}
