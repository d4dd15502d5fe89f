// pg_buffercache, the view of the extension, and its functions: what stands in each buffer of shared memory.

import { booleanType } from '../catalog/types/boolean.ts'
import { float8Type } from '../catalog/types/float.ts'
import { oidType } from '../catalog/types/identifiers.ts'
import { int2Type, int4Type, int8Type } from '../catalog/types/integer.ts'
import type { Value } from '../catalog/types/type.ts'
import { playedExtension as extension } from '../sql/played-extension.ts'
import type { SystemView } from '../sql/system-view.ts'
import type { Buffer } from '../storage/buffer.ts'
import type { BufferPool } from '../storage/buffer-pool.ts'

const mostUsage = 5

export const pgBuffercache: SystemView = {
  name: 'pg_buffercache',
  extension,
  columns: [
    { name: 'bufferid', type: int4Type },
    { name: 'relfilenode', type: oidType },
    { name: 'reltablespace', type: oidType },
    { name: 'reldatabase', type: oidType },
    { name: 'relforknumber', type: int2Type },
    { name: 'relblocknumber', type: int8Type },
    { name: 'isdirty', type: booleanType },
    { name: 'usagecount', type: int2Type },
    { name: 'pinning_backends', type: int4Type },
  ],
  rows: ({ session }) => {
    const { frames, size } = session.server.buffers
    return Array.from({ length: size }, (_, index) => [index + 1, ...contentOf(frames[index])])
  },
}

export const pgBuffercacheSummary: SystemView = {
  name: 'pg_buffercache_summary()',
  extension,
  since: 16,
  columns: [
    { name: 'buffers_used', type: int4Type },
    { name: 'buffers_unused', type: int4Type },
    { name: 'buffers_dirty', type: int4Type },
    { name: 'buffers_pinned', type: int4Type },
    { name: 'usagecount_avg', type: float8Type },
  ],
  rows: ({ session }) => {
    const { buffers } = session.server
    const used = usedOf(buffers)
    const usage = used.reduce((sum, each) => sum + each.usage, 0)
    const average = used.length === 0 ? null : usage / used.length
    return [[used.length, buffers.size - used.length, dirtyOf(used), pinnedOf(used), average]]
  },
}

export const pgBuffercacheUsageCounts: SystemView = {
  name: 'pg_buffercache_usage_counts()',
  extension,
  since: 16,
  columns: [
    { name: 'usage_count', type: int4Type },
    { name: 'buffers', type: int4Type },
    { name: 'dirty', type: int4Type },
    { name: 'pinned', type: int4Type },
  ],
  rows: ({ session }) => {
    const { buffers } = session.server
    const used = usedOf(buffers)
    return Array.from({ length: mostUsage + 1 }, (_, usage) => {
      const those = used.filter(each => each.usage === usage)
      // A buffer that holds nothing was never used.
      const unused = usage === 0 ? buffers.size - used.length : 0
      return [usage, those.length + unused, dirtyOf(those), pinnedOf(those)]
    })
  },
}

/** All but the number of the buffer; nulls where it holds nothing. */
function contentOf(buffer: Buffer | undefined): Value[] {
  if (!buffer?.home) return new Array(8).fill(null)
  const { home, block, dirty, usage, pins } = buffer
  const { relation, tablespace, database } = home.locator
  return [relation, tablespace, database, home.fork, block, dirty, usage, pins]
}

function usedOf({ frames }: BufferPool): readonly Buffer[] {
  return frames.filter(({ home }) => home !== undefined)
}

function dirtyOf(buffers: readonly Buffer[]): number {
  return buffers.filter(({ dirty }) => dirty).length
}

function pinnedOf(buffers: readonly Buffer[]): number {
  return buffers.filter(({ pins }) => pins > 0).length
}
