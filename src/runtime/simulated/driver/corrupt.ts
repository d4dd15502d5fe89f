// Bit rot: damages a block of a relation's file, or of a segment of the WAL, where it lies. Shared memory may have the
// page still; it is found when it is read again.

import type { Damage, Ordered, RequestOf } from '../../engine.ts'
import type { Server } from '../server.ts'
import { walPageSize } from '../wal/lsn.ts'
import { observe } from './observer.ts'

const segmentName = /^[0-9A-F]{24}$/

export function corrupt(server: Server, { file, block, damage }: RequestOf<'corrupt'>): Ordered {
  const { data, pgWal } = server.environment
  const isSegment = segmentName.test(file)
  const volume = isSegment ? pgWal : data
  const path = isSegment ? `pg_wal/${file}` : pathOf(server, file)
  const size = path === undefined ? undefined : volume.sizeOf(path)
  if (path === undefined || size === undefined) return { refused: `there is no ${file}` }
  const offset = block * walPageSize
  if (offset >= size) return { refused: `${file} has only ${Math.ceil(size / walPageSize)} blocks` }
  volume.damage(path, offset, walPageSize, bytes => change(bytes, damage))
  return {}
}

function pathOf(server: Server, relation: string): string | undefined {
  const found = observe(server, `select pg_relation_filepath('${relation.replaceAll("'", "''")}')`)
  return 'value' in found && typeof found.value === 'string' ? found.value : undefined
}

function change(bytes: Uint8Array, damage: Damage): void {
  if (damage === 'zeroed') bytes.fill(0)
  else if (damage === 'torn') bytes.fill(0, bytes.length / 2)
  else bytes[bytes.length / 2] ^= 1
}
