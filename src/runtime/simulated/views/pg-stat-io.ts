// pg_stat_io (16): reads, writes and the rest for each type of process and way to use the pool. A combination that cannot
// be is no row, an operation that it cannot do is null. Left out are write-backs, which nobody asks for here, and 18's
// rows about the WAL. Times are those of track_io_timing = off.

import { float8Type } from '../catalog/types/float.ts'
import { int8Type } from '../catalog/types/integer.ts'
import { Numeric, numericType } from '../catalog/types/numeric.ts'
import { textType } from '../catalog/types/text.ts'
import type { Value } from '../catalog/types/type.ts'
import type { SystemView } from '../sql/system-view.ts'
import { type IoContext, IoCounts, ioContexts } from '../storage/io-statistics.ts'
import { pageSize } from '../storage/page.ts'

interface BackendType {
  readonly name: string
  /** As the processes are called here; missing: there are none. */
  readonly type?: string
  readonly contexts: readonly IoContext[]
  readonly since?: number
  /** It writes buffers, and does nothing else with them. */
  readonly onlyWrites?: boolean
  readonly neverExtends?: boolean
  readonly hasTemporary?: boolean
}

const backendTypes: readonly BackendType[] = [
  { name: 'client backend', type: 'backend', contexts: ioContexts, hasTemporary: true },
  { name: 'autovacuum launcher', type: 'autovacuum launcher', contexts: ['bulk read', 'normal'], neverExtends: true },
  { name: 'autovacuum worker', type: 'autovacuum worker', contexts: ['bulk read', 'normal', 'vacuum'] },
  // The logical replication launcher is one, too, and reads nothing.
  { name: 'background worker', type: 'parallel worker', contexts: ioContexts, hasTemporary: true },
  { name: 'walsender', type: 'walsender', contexts: ioContexts, hasTemporary: true },
  { name: 'slotsync worker', contexts: ioContexts, hasTemporary: true, since: 17 },
  { name: 'standalone backend', contexts: ioContexts },
  { name: 'background writer', type: 'bgwriter', contexts: ['normal'], onlyWrites: true },
  { name: 'checkpointer', type: 'checkpointer', contexts: ['normal'], onlyWrites: true },
  { name: 'io worker', type: 'io worker', contexts: ioContexts, hasTemporary: true, since: 18 },
  { name: 'startup', type: 'startup', contexts: ioContexts },
]

const nobody = new IoCounts()

function row(backend: BackendType, object: string, context: IoContext, counts: IoCounts): Value[] {
  const isTemporary = object === 'temp relation'
  const reads = !backend.onlyWrites
  const extend = reads && !backend.neverExtends && context !== 'bulk read'
  const fsync = context === 'normal' && !isTemporary
  const when = (can: boolean, value: Value) => (can ? value : null)
  const bytes = (count: number) => Numeric.of(count * pageSize)
  return [
    backend.name,
    object,
    context.replace(' ', ''),
    when(reads, counts.reads),
    when(reads, bytes(counts.reads)),
    when(reads, 0),
    counts.writes,
    bytes(counts.writes),
    0,
    when(extend, counts.extends),
    when(extend, bytes(counts.extends)),
    when(extend, 0),
    pageSize,
    when(reads, counts.hits),
    when(reads, counts.evictions),
    when(reads && context !== 'normal', counts.reuses),
    when(fsync, counts.fsyncs),
    when(fsync, 0),
  ]
}

export const pgStatIo: SystemView = {
  name: 'pg_stat_io',
  since: 16,
  columns: [
    { name: 'backend_type', type: textType },
    { name: 'object', type: textType },
    { name: 'context', type: textType },
    { name: 'reads', type: int8Type },
    { name: 'read_bytes', type: numericType, since: 18 },
    { name: 'read_time', type: float8Type },
    { name: 'writes', type: int8Type },
    { name: 'write_bytes', type: numericType, since: 18 },
    { name: 'write_time', type: float8Type },
    { name: 'extends', type: int8Type },
    { name: 'extend_bytes', type: numericType, since: 18 },
    { name: 'extend_time', type: float8Type },
    { name: 'op_bytes', type: int8Type, until: 17 },
    { name: 'hits', type: int8Type },
    { name: 'evictions', type: int8Type },
    { name: 'reuses', type: int8Type },
    { name: 'fsyncs', type: int8Type },
    { name: 'fsync_time', type: float8Type },
  ],
  rows: ({ session: { server } }) => {
    const { io } = server.buffers
    const there = backendTypes.filter(({ since = 0 }) => since <= server.environment.version)
    return there.flatMap(backend => [
      ...backend.contexts.map(context =>
        row(backend, 'relation', context, backend.type === undefined ? nobody : io.find(backend.type, context)),
      ),
      ...(backend.hasTemporary ? [row(backend, 'temp relation', 'normal', nobody)] : []),
    ])
  },
}
