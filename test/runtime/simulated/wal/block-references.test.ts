// The bytes of a WAL summary: what is written is read again, and is as long as a server's.

import { describe, expect, test } from 'vitest'
import {
  BlockReferences,
  decodeReferences,
  encodeReferences,
} from '../../../../src/runtime/simulated/wal/block-references.ts'

const account = { tablespace: 1663, database: 5, relation: 16384 }
const index = { tablespace: 1663, database: 5, relation: 16387 }

describe('block references', () => {
  test('a summary of nothing has 32 bytes', () => {
    expect(encodeReferences(new BlockReferences()).length).toBe(32)
  })

  test('a relation that was made has 24 bytes more, and one with blocks four more', () => {
    const references = new BlockReferences()
    references.cut(account, 0, 0)
    expect(encodeReferences(references).length).toBe(56)
    references.changed(account, 0, 7)
    expect(encodeReferences(references).length).toBe(60)
  })

  test('what is cut off is forgotten, and what comes later is not', () => {
    const references = new BlockReferences()
    for (const block of [1, 9, 5]) references.changed(account, 0, block)
    references.cut(account, 0, 5)
    references.cut(account, 0, 8)
    references.changed(account, 0, 6)
    const [fork] = decodeReferences(encodeReferences(references))
    expect(fork).toMatchObject({ locator: account, fork: 0, limit: 5 })
    expect([...fork.blocks]).toEqual([1, 6])
  })

  test('many blocks are kept as a bitmap, and relations come in order', () => {
    const references = new BlockReferences()
    references.changed(index, 0, 70000)
    for (let block = 65535; block > 60000; block--) references.changed(account, 0, block)
    const [first, second] = decodeReferences(encodeReferences(references))
    expect([first.locator, second.locator]).toEqual([account, index])
    expect(first.blocks.size).toBe(5535)
    expect([...first.blocks][0]).toBe(60001)
    expect(second).toMatchObject({ limit: undefined, blocks: new Set([70000]) })
  })
})
