// The heavyweight locks of a server, and who waits for whom. Relations have their names, as far as the server has read
// its catalogs.

import type { CatalogImage } from '../../catalog/image.ts'
import { lockModeName } from '../../locks/lock-mode.ts'
import { describeLockTag, type LockTag } from '../../locks/lock-tag.ts'
import { type SampleKind, textOf } from './sample.ts'

/** More are left out. */
const most = 300

export const lockSamples: SampleKind = {
  kind: 'locks.sampled',
  every: 2,
  of(trace) {
    let before = ''
    return ({ shared, environment: { name } }) => {
      const images = shared.catalog.lastImages
      const rows = shared.locks.list().map(({ proc, mode, granted, tag }) => {
        const blockers = granted ? [] : shared.locks.blockersOf(proc).map(({ pid }) => pid)
        return [proc.pid, lockModeName(mode), granted ? 1 : 0, nameOf(tag, images), blockers.join(' ')]
      })
      const locks = textOf(rows.slice(0, most))
      if (locks === before) return
      before = locks
      trace.emit('locks.sampled', { node: name }, { locks })
    }
  },
}

function nameOf(tag: LockTag, images: readonly CatalogImage[]): string {
  const relation = images.find(({ database }) => database === tag.database)?.byOid(tag.relation)?.name
  if (relation === undefined) return describeLockTag(tag)
  if (tag.type === 'tuple') return `tuple (${tag.block},${tag.offset}) of ${relation}`
  return tag.type === 'extend' ? `extension of ${relation}` : relation
}
