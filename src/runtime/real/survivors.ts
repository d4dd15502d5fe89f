// Which commits a server has. Transaction ids are given out again after a crash or a promotion, so the id alone does not
// tell: the commit of that id must also be no younger than the client's answer. All servers run on one machine and
// stamp their commits (track_commit_timestamp) with the clock that pgdrill reads too.

import type { CommitToFind } from '../engine.ts'
import type { WallClock } from './clock.ts'
import type { OwnConnection } from './cluster/own-connection.ts'

/** What two readers of one clock may disagree on, in milliseconds. */
const tolerance = 20

/** For each commit whether the server has it; undefined if it cannot say now. */
export async function survivors(
  own: OwnConnection,
  commits: readonly CommitToFind[],
  clock: WallClock,
): Promise<readonly boolean[] | undefined> {
  if (commits.length === 0) return []
  const xids = commits.map(({ xid }) => xid).join(',')
  const answer = await own.query(
    `select 1000 * extract(epoch from pg_xact_commit_timestamp(each::text::xid))
       from unnest('{${xids}}'::bigint[]) with ordinality as given (each, place) order by place`,
  )
  if ('failure' in answer) return undefined
  return commits.map(({ time }, index) => {
    const [stamp] = answer.rows[index]
    return stamp !== null && Number(stamp) <= clock.epochOf(time) + tolerance
  })
}
