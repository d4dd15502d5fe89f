// Prepared transactions as bytes: sizes are those of real records, less their 26 bytes of header.

import { describe, expect, test } from 'vitest'
import { AccessShareLock, ExclusiveLock, RowExclusiveLock } from '../../../../src/runtime/simulated/locks/lock-mode.ts'
import { advisoryTag, relationTag, transactionTag, tupleTag } from '../../../../src/runtime/simulated/locks/lock-tag.ts'
import {
  decodePrepared,
  encodePrepared,
  type PreparedState,
} from '../../../../src/runtime/simulated/transactions/prepared-state.ts'

const plain: PreparedState = {
  gid: 'ro',
  xid: 729,
  database: 5,
  owner: 10,
  preparedAt: 3_000_000_000,
  subxids: [],
  filesAtCommit: [],
  filesAtAbort: [],
  dropped: [],
  invalidations: [],
  locks: [
    { tag: relationTag(5, 16384), mode: AccessShareLock },
    { tag: transactionTag(729), mode: ExclusiveLock },
  ],
  counts: [],
}

const full: PreparedState = {
  ...plain,
  gid: 'foo',
  subxids: [730, 731, 733],
  filesAtCommit: [{ tablespace: 1663, database: 5, relation: 16390 }],
  filesAtAbort: [{ tablespace: 1663, database: 5, relation: 16393 }],
  dropped: [16390],
  invalidations: [{ id: -2, database: 5, value: 16390 }],
  locks: [
    ...plain.locks,
    { tag: relationTag(5, 12073), mode: RowExclusiveLock },
    { tag: tupleTag(5, 16384, 3, 7), mode: ExclusiveLock },
    { tag: advisoryTag(5, 4_000_000_000, 3, 2), mode: ExclusiveLock },
  ],
  counts: [
    {
      relation: 16384,
      now: { inserted: 1, updated: 2, deleted: 3 },
      before: { inserted: 4, updated: 5, deleted: 6 },
    },
    { relation: 16387, now: { inserted: 0, updated: 0, deleted: 9 }, before: undefined },
  ],
}

describe('the bytes of a prepared transaction', () => {
  test('are as many as in a real record', () => {
    expect(encodePrepared(plain).length).toBe(178 - 26)
    const counts = [{ relation: 16384, now: { inserted: 1, updated: 0, deleted: 0 }, before: undefined }]
    const locks: PreparedState['locks'] = [...plain.locks, { tag: relationTag(5, 12073), mode: AccessShareLock }]
    expect(encodePrepared({ ...plain, gid: 'foo', counts, locks }).length).toBe(274 - 26)
  })

  test('are read as they were written', () => {
    expect(decodePrepared(encodePrepared(plain))).toEqual(plain)
    const { filesAtCommit, filesAtAbort, ...others } = decodePrepared(encodePrepared(full))!
    expect({ ...others, filesAtCommit, filesAtAbort }).toEqual(full)
  })

  test('are known by their magic number and length', () => {
    const bytes = encodePrepared(full)
    expect(decodePrepared(bytes.subarray(0, 20))).toBeUndefined()
    expect(decodePrepared(bytes.slice(0, -8))).toBeUndefined()
    expect(decodePrepared(new Uint8Array(200))).toBeUndefined()
  })
})
