// The checksum of a page: it is put into the header when the page is written to its file, and looked at when it is read.
// The algorithm is that of checksum_impl.h: 32 sums side by side, so that a server can compute them at once.

import { type Page, pageSize } from './page.ts'

const prime = 16_777_619
const width = 32
const firstSums = Uint32Array.of(
  ...[0x5b1f36e9, 0xb8525960, 0x02ab50aa, 0x1de66d2a, 0x79ff467a, 0x9bb9f8a3, 0x217e7cd2, 0x83e13d2c],
  ...[0xf8d4474f, 0xe39eb970, 0x42c6ae16, 0x993216fa, 0x7b093b5d, 0x98daff3c, 0xf718902a, 0x0b1c9cdb],
  ...[0xe58f764b, 0x187636bc, 0x5d7b3bb1, 0xe73de7de, 0x92bec979, 0xcca6c0b2, 0x304a0979, 0x85aa43d4],
  ...[0x783125bb, 0x6ca8eaa2, 0xe407eac6, 0x4b5cfc3e, 0x9fbf8c76, 0x15ca20be, 0xf2ca9fd3, 0x959bd756],
)
const sums = new Uint32Array(width)

/** 1 to 65535. The block's number is mixed in, so that a page in a wrong place is found. */
export function checksumOf(page: Page, block: number): number {
  const { view, checksum } = page
  page.checksum = 0
  sums.set(firstSums)
  for (let at = 0; at < pageSize; at += 4) add((at >>> 2) % width, view.getUint32(at, true))
  for (let round = 0; round < 2; round++) for (let lane = 0; lane < width; lane++) add(lane, 0)
  page.checksum = checksum
  const folded = sums.reduce((result, sum) => result ^ sum, 0)
  return (((folded ^ block) >>> 0) % 65_535) + 1
}

function add(lane: number, value: number): void {
  const mixed = sums[lane] ^ value
  sums[lane] = Math.imul(mixed, prime) ^ (mixed >>> 17)
}
