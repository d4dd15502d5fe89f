// Writes the simulated servers' logs into a folder: of one run as they are, of several each run in a folder of its own,
// numbered in the order of playing.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ReportedRun, serverLogs } from '../../index.ts'
import { fileError } from './files.ts'

export function writeServerLogs(folder: string, runs: readonly ReportedRun[]): void {
  for (const [at, run] of runs.entries()) {
    const place = runs.length === 1 ? folder : join(folder, String(at + 1))
    try {
      mkdirSync(place, { recursive: true })
      for (const [name, text] of serverLogs(run)) writeFileSync(join(place, name), text)
    } catch (error) {
      throw fileError(place, error)
    }
  }
}
