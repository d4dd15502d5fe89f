// CRC-32C (Castagnoli), eight bytes at a step. Mirrors the results of pg_crc32c, not its code.

/** Eight tables of 256 in one: table n tells what a byte contributes that n more bytes follow. */
const tables = makeTables()

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
    made[byte] = value
  }
  for (let index = 256; index < made.length; index++) {
    const shorter = made[index - 256]
    made[index] = made[shorter & 0xff] ^ (shorter >>> 8)
  }
  return made
}

/** To begin with; `finishCrc` makes the checksum of what was added. */
export const initialCrc = -1

/** Adds bytes `from` up to `to` of `view`. */
export function addToCrc(crc: number, view: DataView, from: number, to: number): number {
  let at = from
  for (; at + 8 <= to; at += 8) {
    const low = crc ^ view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    crc =
      tables[1792 + (low & 0xff)] ^
      tables[1536 + ((low >>> 8) & 0xff)] ^
      tables[1280 + ((low >>> 16) & 0xff)] ^
      tables[1024 + (low >>> 24)] ^
      tables[768 + (high & 0xff)] ^
      tables[512 + ((high >>> 8) & 0xff)] ^
      tables[256 + ((high >>> 16) & 0xff)] ^
      tables[high >>> 24]
  }
  for (; at < to; at++) crc = tables[(crc ^ view.getUint8(at)) & 0xff] ^ (crc >>> 8)
  return crc
}

export function finishCrc(crc: number): number {
  return ~crc >>> 0
}
