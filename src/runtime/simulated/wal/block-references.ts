// Which blocks of which relations were changed: what a WAL summary holds, and its bytes. Mirrors blkreftable.c.
//
//   magic 4 bytes; for each fork of a relation, in order: tablespace, database, relation, fork, limit, chunks (4 each), how
//   many entries each chunk has (2 each), the entries (2 each); then 24 zeros, and the CRC of all that
//
// A chunk covers 65536 blocks: their numbers in it as they came, or a bit for each when there are many.

import { addToCrc, finishCrc, initialCrc } from './crc32c.ts'
import type { RelationLocator } from './record.ts'
import { Bytes } from './record-builder.ts'

const magic = 0x652b137b
const chunkBlocks = 0x1_0000
const mostEntries = chunkBlocks / 16
const noLimit = 0xffff_ffff

export interface ForkReferences {
  readonly locator: RelationLocator
  readonly fork: number
  /** The shortest that it was made: what is behind is new. Undefined: it was never cut. */
  limit: number | undefined
  /** Those that were changed since it was cut, in the order in which they were. */
  readonly blocks: Set<number>
}

export class BlockReferences {
  private readonly forks = new Map<string, ForkReferences>()

  changed(locator: RelationLocator, fork: number, block: number): void {
    this.of(locator, fork).blocks.add(block)
  }

  cut(locator: RelationLocator, fork: number, limit: number): void {
    const references = this.of(locator, fork)
    if (references.limit !== undefined && limit >= references.limit) return
    references.limit = limit
    for (const block of references.blocks) if (block >= limit) references.blocks.delete(block)
  }

  /** In the order in which they are written. */
  get all(): readonly ForkReferences[] {
    return [...this.forks.values()].sort(
      (a, b) =>
        a.locator.tablespace - b.locator.tablespace ||
        a.locator.database - b.locator.database ||
        a.locator.relation - b.locator.relation ||
        a.fork - b.fork,
    )
  }

  private of(locator: RelationLocator, fork: number): ForkReferences {
    const key = `${locator.tablespace} ${locator.database} ${locator.relation} ${fork}`
    let references = this.forks.get(key)
    if (!references) {
      references = { locator, fork, limit: undefined, blocks: new Set() }
      this.forks.set(key, references)
    }
    return references
  }
}

export function encodeReferences(references: BlockReferences): Uint8Array {
  const out = new Bytes(1024)
  out.u32(magic)
  for (const each of references.all) encodeFork(out, each)
  const end = out.reserve(24)
  out.bytes.fill(0, end, end + 24)
  const crc = finishCrc(addToCrc(initialCrc, out.view, 0, out.length))
  out.u32(crc)
  return out.bytes.slice(0, out.length)
}

function encodeFork(out: Bytes, { locator, fork, limit, blocks }: ForkReferences): void {
  const chunks: number[][] = []
  for (const block of blocks) {
    const index = Math.floor(block / chunkBlocks)
    while (chunks.length <= index) chunks.push([])
    chunks[index].push(block % chunkBlocks)
  }
  const { tablespace, database, relation } = locator
  for (const word of [tablespace, database, relation, fork, limit ?? noLimit, chunks.length]) {
    out.u32(word)
  }
  const entries = chunks.map(chunk => (chunk.length > mostEntries ? bitmapOf(chunk) : chunk))
  for (const { length } of entries) out.u16(length)
  for (const chunk of entries) for (const entry of chunk) out.u16(entry)
}

function bitmapOf(blocks: readonly number[]): number[] {
  const words = new Array<number>(mostEntries).fill(0)
  for (const block of blocks) words[block >>> 4] |= 1 << (block & 15)
  return words
}

/** Of a file that was written whole. */
export function decodeReferences(bytes: Uint8Array): readonly ForkReferences[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const forks: ForkReferences[] = []
  let at = 4
  const u16 = () => {
    at += 2
    return view.getUint16(at - 2, true)
  }
  const u32 = () => {
    at += 4
    return view.getUint32(at - 4, true)
  }
  for (let tablespace = u32(); tablespace !== 0; tablespace = u32()) {
    const locator = { tablespace, database: u32(), relation: u32() }
    const fork = u32()
    const limit = u32()
    const counts = Array.from({ length: u32() }, u16)
    const blocks = counts.flatMap((count, index) => {
      const words = Array.from({ length: count }, u16)
      return (count === mostEntries ? blocksOf(words) : words).map(block => index * chunkBlocks + block)
    })
    forks.push({ locator, fork, limit: limit === noLimit ? undefined : limit, blocks: new Set(blocks) })
  }
  return forks
}

function blocksOf(bitmap: readonly number[]): number[] {
  const blocks: number[] = []
  for (let block = 0; block < chunkBlocks; block++) if (bitmap[block >>> 4] & (1 << (block & 15))) blocks.push(block)
  return blocks
}
