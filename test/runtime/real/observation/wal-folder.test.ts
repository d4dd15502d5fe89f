// What the files of pg_wal tell, with files that the test makes.

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EventKind } from '../../../../src/model/trace.ts'
import { WalFolder } from '../../../../src/runtime/real/observation/wal-folder.ts'
import { type Recorder, recorder } from './recorder.ts'

const all: readonly EventKind[] = [
  'wal.segment_created',
  'wal.segment_removed',
  'volume.changed',
  'archive.queued',
  'archive.done',
]
const segment = (number: number) => `00000001000000000000000${number}`

let dataFolder: string
let story: Recorder

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'pgdrill-test-'))
  mkdirSync(join(dataFolder, 'pg_wal/archive_status'), { recursive: true })
})

afterEach(() => rmSync(dataFolder, { recursive: true }))

function file(name: string, size = 0): void {
  writeFileSync(path(name), Buffer.alloc(size))
}

function path(name: string): string {
  return join(dataFolder, 'pg_wal', name)
}

function told(): readonly object[] {
  return story.events.map(({ time: _time, sequence: _sequence, node: _node, ...rest }) => rest)
}

function folder(...wanted: readonly EventKind[]): WalFolder {
  story = recorder(...wanted)
  const made = new WalFolder(dataFolder, 'primary', story)
  made.look()
  return made
}

test('segments are created, recycled under a new name, and removed', () => {
  file(segment(1))
  file(segment(2))
  const walFolder = folder('wal.segment_created', 'wal.segment_removed')
  expect(told()).toEqual([])
  file('xlogtemp.1')
  walFolder.look()
  renameSync(path('xlogtemp.1'), path(segment(3)))
  walFolder.look()
  renameSync(path(segment(1)), path(segment(4)))
  rmSync(path(segment(2)))
  walFolder.look()
  walFolder.look()
  expect(told()).toEqual([
    { kind: 'wal.segment_created', segment: segment(3), recycled: false },
    { kind: 'wal.segment_created', segment: segment(4), recycled: true },
    { kind: 'wal.segment_removed', segment: segment(2) },
  ])
})

test('how much it is, when that changes', () => {
  file(segment(1), 1000)
  const walFolder = folder('volume.changed')
  walFolder.look()
  file(segment(2), 500)
  walFolder.look()
  expect(told()).toEqual([
    { kind: 'volume.changed', volume: 'pg_wal', used: 1000 },
    { kind: 'volume.changed', volume: 'pg_wal', used: 1500 },
  ])
})

test('what waits for the archiver, and what it has done', () => {
  file(`archive_status/${segment(1)}.ready`)
  const walFolder = folder('archive.queued', 'archive.done')
  file(`archive_status/${segment(2)}.ready`)
  file(`archive_status/${segment(3)}.ready`)
  walFolder.look()
  renameSync(path(`archive_status/${segment(1)}.ready`), path(`archive_status/${segment(1)}.done`))
  walFolder.look()
  expect(told()).toEqual([
    { kind: 'archive.queued', segment: segment(2), ready: 2 },
    { kind: 'archive.queued', segment: segment(3), ready: 3 },
    { kind: 'archive.done', segment: segment(1), ready: 2 },
  ])
})

test('what nobody wants is not looked for, and a folder that is not there is empty', () => {
  folder().look()
  rmSync(path('.'), { recursive: true })
  folder(...all).look()
  expect(told()).toEqual([{ kind: 'volume.changed', volume: 'pg_wal', used: 0 }])
})
