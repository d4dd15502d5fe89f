// Damages a block of a WAL segment, of a server that is down or of a segment that it has finished and not archived yet: the
// archiver reads what stands in the file. A server that runs writes its last segment still, and has its tables' pages in
// memory, so that nobody could say when it meets the damage.

import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { damageBlock, damagedBlockSize, walSegmentName } from '../../damage.ts'
import type { Ordered, RequestOf } from '../../engine.ts'
import { notPlayed } from '../not-played.ts'
import type { RealServer } from './server.ts'

export function damageWal(server: RealServer, { file, block, damage }: RequestOf<'corrupt'>): Ordered {
  const folder = join(server.dataFolder, 'pg_wal')
  const isFinished = existsSync(join(folder, 'archive_status', `${file}.ready`))
  const canDamage = walSegmentName.test(file) && (server.postmaster === undefined || isFinished)
  if (!canDamage) return { skipped: notPlayed.corrupt }
  const path = join(folder, file)
  if (!existsSync(path)) return { refused: `there is no ${file}` }
  const handle = openSync(path, 'r+')
  try {
    const { size } = fstatSync(handle)
    const offset = block * damagedBlockSize
    if (offset >= size) return { refused: `${file} has only ${Math.ceil(size / damagedBlockSize)} blocks` }
    const bytes = Buffer.alloc(damagedBlockSize)
    readSync(handle, bytes, 0, bytes.length, offset)
    damageBlock(bytes, damage)
    writeSync(handle, bytes, 0, bytes.length, offset)
    return {}
  } finally {
    closeSync(handle)
  }
}
