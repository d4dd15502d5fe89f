// Sessions that are over within milliseconds: each backend is seen, however seldom the process list is looked at.

import { describe, expect, test } from 'vitest'
import { loadScenario, playScenario } from '../../../src/index.ts'
import { postgresEngine } from '../../../src/real.ts'
import { reason } from './server.ts'

const sessions = 12

const text = `drill "short sessions"
postgres 15
node primary
ends 4s
${Array.from({ length: sessions }, (_each, at) => `at ${2000 + at * 50}ms run on primary $$ select 1 $$`).join('\n')}
at end expect "it is up" that primary.accepting
`

describe.skipIf(reason !== '')(`short sessions ${reason}`, () => {
  test('are told from their beginning to their end', { timeout: 60_000 }, async () => {
    const { scenarios, diagnostics } = await loadScenario({ name: 'short-sessions.drill', text })
    if (!scenarios) throw new Error(JSON.stringify(diagnostics))
    const played = await playScenario(scenarios[0], { detail: 'lifecycle', engine: postgresEngine() })
    if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
    const [{ events }] = played.runs
    for (const kind of ['process.started', 'process.exited']) {
      expect(events.filter(event => event.kind === kind && event.process === 'backend')).toHaveLength(sessions)
    }
  })
})
