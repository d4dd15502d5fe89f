// The logs of three real servers, PostgreSQL 15: a primary that was killed, a standby that was promoted, another that
// was told to follow it. Beside them the simulation, where the primary loses its power.

import { beforeAll, describe, expect, it } from 'vitest'
import { compareRuns } from '../../src/compare/compare.ts'
import { type Comparison, isDifference } from '../../src/compare/comparison.ts'
import { observable, simulate, thinned, withLog } from './runs.ts'

let comparison: Comparison

beforeAll(async () => {
  const simulated = thinned(await simulate('scenarios/03-replication/failover.yaml', { postgres: 15 }))
  // The orders are given at 11 s; these servers began 8 s before theirs.
  const primary = withLog(simulated, 'primary', 'test/compare/logs/failover-15-primary.log', 0)
  const s1 = withLog(primary, 's1', 'test/compare/logs/failover-15-s1.log', 2.985e9)
  const real = withLog(s1, 's2', 'test/compare/logs/failover-15-s2.log', 2.985e9)
  comparison = compareRuns(simulated, [real], { observable })
}, 60_000)

/** What differs, without what a walreceiver or a walsender says. */
function differences(node: string): readonly string[] {
  return comparison.rounds[0].logs
    .filter(phase => phase.node === node)
    .flatMap(({ rows }) => rows.filter(isDifference))
    .filter(({ simulated, real }) => !/^wal/.test((simulated ?? real)!.process))
    .map(({ mark, shape }) => `${mark}: ${shape}`)
}

describe('a failover', () => {
  it('begins the same, on the primary and on both standbys', () => {
    expect(differences('primary')).toEqual([])
    const first = comparison.rounds[0].logs.filter(({ after }) => after === '')
    expect(first.map(({ node }) => node)).toEqual(['primary', 's1', 's2'])
    for (const { rows } of first) expect(rows.filter(({ mark }) => mark === 'same').length).toBeGreaterThanOrEqual(5)
  })

  it('tolerates that the standbys of a killed primary know at once that it is gone, and wait', () => {
    expect(differences('s1')).toEqual([])
    const rows = comparison.rounds[0].logs.filter(({ node }) => node === 's1').flatMap(phase => phase.rows)
    expect(rows.find(({ shape }) => shape.startsWith('LOG: waiting for WAL'))!.tolerated).toBe('standby-too-early')
  })

  it('keeps every order that is guaranteed, and no other is asked for', () => {
    expect(comparison.differences.filter(({ kind }) => kind === 'order')).toEqual([])
    // "ready to accept connections" came before "checkpoint complete" here; the two race after a promotion.
    const rows = comparison.rounds[0].logs.filter(({ node }) => node === 's1').flatMap(phase => phase.rows)
    const ready = rows.find(({ shape }) => shape === 'LOG: database system is ready to accept connections')!
    const complete = rows.find(({ shape }) => shape.startsWith('LOG: checkpoint complete [force]'))!
    expect([ready.mark, complete.mark]).toEqual(['same', 'same'])
    expect(ready.real!.time).toBeLessThan(complete.real!.time)
  })
})
