import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import Compare from '../../src/commands/compare.ts'
import { realServers } from '../../src/commands/support/real-servers.ts'
import type { EngineKind, EventKind } from '../../src/index.ts'
import { eventKinds } from '../../src/model/trace.ts'
import { simulated } from '../../src/runtime/index.ts'
import { folderWith, runCommand } from './harness.ts'

const drill = `drill "a quiet start"
postgres 17
vary many over 10, 20
node primary { max_connections = :many }
client visitor on primary { transactions = 1 } $$ select 1; $$
ends 1s
at end expect "it serves" that primary.accepting
`

const file = join(folderWith({ 'quiet.drill': drill }), 'quiet.drill')

/** In the place of real servers: the simulation, with another seed and with these settings. */
function standIn(settings: Readonly<Record<string, string>> = {}): EngineKind {
  return {
    name: 'postgres',
    diagnose: scenario => simulated.diagnose(scenario),
    open: (topology, options) =>
      simulated.open(
        {
          ...topology,
          nodes: topology.nodes.map(node => ({ ...node, settings: { ...node.settings, ...settings } })),
        },
        { ...options, seed: options.seed + 1 },
      ),
  }
}

function putIn(engine: EngineKind) {
  return vi
    .spyOn(realServers, 'open')
    .mockResolvedValue({ engine, observable: new Set(Object.keys(eventKinds) as EventKind[]) })
}

afterEach(() => vi.restoreAllMocks())

describe('compare', () => {
  it('agrees, and gives a row a variant and a column a version', async () => {
    putIn(standIn())
    const { out, error, status } = await runCommand(Compare, file, '--postgres', '15,17')
    expect({ error, status }).toEqual({ error: '', status: 0 })
    expect(out).toMatch(/PostgreSQL 15\.\d+ +PostgreSQL 17\.\d+\n/)
    expect(out).toMatch(/quiet\.drill \(many = 10\) +✓ agrees +✓ agrees\n/)
    expect(out).toMatch(/quiet\.drill \(many = 20\) +✓ agrees +✓ agrees\n/)
    expect(out).toContain('4 of 4 comparisons agree')
  })

  it('says where they differ, and ends with 1', async () => {
    putIn(standIn({ log_connections: 'on' }))
    const { out, status } = await runCommand(Compare, file)
    expect(status).toBe(1)
    expect(out).toMatch(/^ {2}> +│ backend: LOG: connection received: /m)
  })

  it('plays real servers as often as it is told', async () => {
    const open = vi.fn(standIn().open)
    putIn({ ...standIn(), open })
    const { out, status } = await runCommand(Compare, file, '--repeat', '3', '--json')
    expect(status).toBe(0)
    expect(open).toHaveBeenCalledTimes(6)
    const { comparisons } = JSON.parse(out)
    expect(comparisons).toHaveLength(2)
    expect(comparisons[0]).toMatchObject({
      title: 'a quiet start',
      variant: { many: '10' },
      repeats: 3,
      checks: [{ title: 'it serves', result: 'both hold', heldOn: 3 }],
      differences: [],
      agrees: true,
    })
  })

  it('plays once more what differs, and tells what only one of the runs had apart', async () => {
    const [odd, usual] = [standIn({ log_connections: 'on' }), standIn()]
    const open = vi.fn(usual.open).mockImplementationOnce(odd.open)
    putIn({ ...usual, open })
    const out = join(folderWith({}), 'fidelity.md')
    expect(await runCommand(Compare, file, '--retry', '2', '--format', 'markdown', '--out', out)).toMatchObject({
      status: 0,
    })
    expect(open).toHaveBeenCalledTimes(3)
    const page = readFileSync(out, 'utf8')
    expect(page).toMatch(/\(many = 10\) \| ✓ agrees, 1 of 1 checks, 2 runs +\|/)
    expect(page).toMatch(/\(many = 20\) \| ✓ agrees, 1 of 1 checks +\|/)
    expect(page).toMatch(/what only some of several real runs.*connection received: .*, in 1 of 2 runs/is)
    expect(page).not.toContain('Where they differ')
  })

  it('gives up on what differs each time', async () => {
    const always = standIn({ log_connections: 'on' })
    const open = vi.fn(always.open)
    putIn({ ...always, open })
    const { out, status } = await runCommand(Compare, file, '--retry', '2', '--json')
    expect(status).toBe(1)
    expect(open).toHaveBeenCalledTimes(6)
    expect(JSON.parse(out).comparisons[0]).toMatchObject({ repeats: 3, agrees: false })
  })

  it('plays several at a time, and tells them in their order', async () => {
    const { open } = standIn()
    let opening = 0
    let most = 0
    const slowly: EngineKind['open'] = async (topology, options) => {
      most = Math.max(most, ++opening)
      // The first is the last to be ready.
      if (topology.postgres === 15) await new Promise(resolve => setTimeout(resolve, 20))
      opening--
      return open(topology, options)
    }
    putIn({ ...standIn(), open: slowly })
    const { out, status } = await runCommand(Compare, file, '--postgres', '15,16', '--jobs', '2', '--json')
    expect({ status, most }).toEqual({ status: 0, most: 2 })
    const told = JSON.parse(out).comparisons as { variant: { many: string }; postgres: number }[]
    expect(told.map(({ variant, postgres }) => `${variant.many} on ${postgres}`)).toEqual([
      '10 on 15',
      '10 on 16',
      '20 on 15',
      '20 on 16',
    ])
  })

  it('writes the page', async () => {
    putIn(standIn())
    const out = join(folderWith({}), 'fidelity.md')
    expect(await runCommand(Compare, file, '--format', 'markdown', '--out', out)).toMatchObject({ out: '', status: 0 })
    expect(readFileSync(out, 'utf8')).toMatch(/^# Fidelity\n/)
  })

  it('hands on where the programs are', async () => {
    const open = putIn(standIn())
    await runCommand(Compare, file, '--bindir', '/opt/postgres/bin')
    expect(open).toHaveBeenCalledWith({ bindir: '/opt/postgres/bin' })
  })

  it('ends with 2 where the scenario, the version or the real servers are not right', async () => {
    putIn(standIn())
    expect(await runCommand(Compare, file, '--postgres', '14')).toMatchObject({ status: 2 })
    expect(await runCommand(Compare, 'nowhere.drill')).toMatchObject({ status: 2 })
    const wrong = join(folderWith({ 'wrong.drill': 'drill "x"\nnodde a\n' }), 'wrong.drill')
    expect(await runCommand(Compare, wrong)).toMatchObject({
      status: 2,
      error: expect.stringContaining('did you mean'),
    })
    const refusing = () => [{ code: 'sql' as const, span: { start: 0, end: 5 }, message: 'there is no PostgreSQL 17' }]
    putIn({ ...standIn(), diagnose: refusing })
    expect(await runCommand(Compare, file)).toMatchObject({
      status: 2,
      out: '',
      error: expect.stringContaining('there is no PostgreSQL 17'),
    })
  })

  it('ends with 2 where a version does not know a setting', async () => {
    putIn(standIn())
    const folder = folderWith({
      'new.drill': 'drill "new"\npostgres 18\nnode primary { io_method = sync }\nends 1s\n',
    })
    expect(await runCommand(Compare, join(folder, 'new.drill'))).toMatchObject({ status: 0 })
    const { status, error } = await runCommand(Compare, join(folder, 'new.drill'), '--postgres', '15')
    expect(status).toBe(2)
    expect(error).toContain('io_method')
  })

  it('leaves out a version that does not know a setting, where another does', async () => {
    putIn(standIn())
    const folder = folderWith({ 'new.drill': 'drill "new"\npostgres 18\nnode primary { io_method = sync }\nends 1s\n' })
    const { out, error, status } = await runCommand(Compare, join(folder, 'new.drill'), '--postgres', '15,18', '--json')
    expect({ error, status }).toEqual({ error: '', status: 0 })
    expect(JSON.parse(out).comparisons.map(({ postgres }: { postgres: number }) => postgres)).toEqual([18])
  })
})
