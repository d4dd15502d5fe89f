// What is prepared before time 0: after it pgdrill's own looks at a server write no WAL, though each page of a catalog that
// is marked would (wal_log_hints does to it what checksums do).

import { describe, expect, test } from 'vitest'
import { loadScenario, playScenario } from '../../../src/index.ts'
import { postgresEngine } from '../../../src/real.ts'
import { reason } from './server.ts'

const text = `drill "preparation"
postgres 15
node primary { wal_log_hints = on; autovacuum = off }
setup on primary $$ create table t (id int primary key) $$
ends 3s
at 1s expect "it is looked at" that query(primary, $$ select count(*) from t $$) = 0
at end expect "it is looked at again" that query(primary, $$ select count(*) from pg_class where relname = 't' $$) = 1
`

describe.skipIf(reason !== '')(`a prepared server ${reason}`, () => {
  test('is not written to by who looks at it', { timeout: 60_000 }, async () => {
    const { scenarios, diagnostics } = await loadScenario({ name: 'preparation.drill', text })
    if (!scenarios) throw new Error(JSON.stringify(diagnostics))
    const played = await playScenario(scenarios[0], { detail: 'storage', engine: postgresEngine() })
    if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
    const [{ events, verdicts }] = played.runs
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['held', 'held'])
    // Where the WAL ends is told once, and again whenever it has grown.
    expect(events.filter(({ kind }) => kind === 'wal.flushed')).toHaveLength(1)
  })
})
