// Bit rot: damages a block of a relation's file, or of a segment of the WAL, where it lies. Shared memory may have the
// page still; it is found when it is read again.

import { damageBlock, damagedBlockSize, walSegmentName } from '../../damage.ts'
import { defaultDatabase, type Ordered, type RequestOf } from '../../engine.ts'
import type { Server } from '../server.ts'
import { observe } from './observer.ts'

export function corrupt(server: Server, { file, block, damage }: RequestOf<'corrupt'>): Ordered {
  const { data, pgWal } = server.environment
  const isSegment = walSegmentName.test(file)
  const volume = isSegment ? pgWal : data
  const path = isSegment ? `pg_wal/${file}` : pathOf(server, file)
  const size = path === undefined ? undefined : volume.sizeOf(path)
  if (path === undefined || size === undefined) return { refused: `there is no ${file}` }
  const offset = block * damagedBlockSize
  if (offset >= size) return { refused: `${file} has only ${Math.ceil(size / damagedBlockSize)} blocks` }
  volume.damage(path, offset, damagedBlockSize, bytes => damageBlock(bytes, damage))
  return {}
}

function pathOf(server: Server, relation: string): string | undefined {
  const found = observe(server, defaultDatabase, `select pg_relation_filepath('${relation.replaceAll("'", "''")}')`)
  return 'value' in found && typeof found.value === 'string' ? found.value : undefined
}
