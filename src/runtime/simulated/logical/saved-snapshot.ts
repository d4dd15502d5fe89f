// The snapshots of logical decoding in files of pg_logical/snapshots: decoding that begins at such a place need not wait
// for anybody. Mirrors SnapBuildSerialize; the layout is our own.

import type { Coroutine } from '../kernel/task.ts'
import { snapshotPath } from '../replication/snapshot-files.ts'
import { syncFile } from '../shared/file-access.ts'
import type { Decoding } from './services.ts'
import type { HistoricSnapshot } from './snapshot-builder.ts'

export function* writeSnapshot(decoding: Decoding, lsn: number, snapshot: HistoricSnapshot): Coroutine {
  const { me, environment } = decoding
  const { data, settings } = environment
  const path = snapshotPath(lsn)
  if (data.exists(path)) return
  const words = new Uint32Array([snapshot.xmin, snapshot.xmax, ...snapshot.committed])
  data.create(path)
  data.write(me, path, 0, new Uint8Array(words.buffer))
  yield* syncFile(me, { settings, volume: data }, path, 'SnapbuildSync')
}

export function readSnapshot(bytes: Uint8Array): HistoricSnapshot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words = Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index, true))
  return { xmin: words[0], xmax: words[1], committed: new Set(words.slice(2)) }
}
