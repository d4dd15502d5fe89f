// Who has a key of a unique index for good: a transaction that has one and has not ended is waited for, as a unique
// index does.

import { fetchDirty } from '../access/heap-fetch.ts'
import type { HeapTuple } from '../access/heap-tuple.ts'
import type { Tid } from '../access/tid.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import type { TableIndex } from '../catalog/relations.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { SessionContext } from './context.ts'

/** The row, to be read before anything else is done; `except`: a row that doesn't count. Undefined: the key is free. */
export function* findKey(
  { server, transaction, me, proc }: SessionContext,
  index: TableIndex,
  values: readonly Datum[],
  except?: Tid,
): Coroutine<HeapTuple | undefined> {
  const bound = { values, inclusive: true }
  for (;;) {
    const inProgress = { xmin: 0, xmax: 0 }
    let waitFor = 0
    const scan = server.btree.beginScan(index, { lower: bound, upper: bound }, 'forward')
    for (let count = yield* scan.next(me); count > 0 && waitFor === 0; count = yield* scan.next(me)) {
      for (let entry = 0; entry < count && waitFor === 0; entry++) {
        const { tuple } = yield* fetchDirty(
          server.heap.services,
          transaction,
          index.table,
          scan.tids[entry],
          inProgress,
        )
        if (!tuple || tuple.tid === except) continue
        waitFor = inProgress.xmin || inProgress.xmax
        if (waitFor === 0) return tuple
      }
    }
    if (waitFor === 0) return undefined
    yield* transaction.transactions.waitFor(proc, waitFor)
  }
}
