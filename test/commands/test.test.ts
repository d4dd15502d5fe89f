import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import Run from '../../src/commands/run.ts'
import Test from '../../src/commands/test.ts'
import { folderWith, runCommand } from './harness.ts'

const quiet = `drill "a quiet start"
node primary
ends 1s
at end expect "it serves" that primary.accepting
`

describe('test', () => {
  it('wants a golden, writes it when told to, holds against it, and shows what differs', async () => {
    const folder = folderWith({ 'quiet.drill': quiet })
    const golden = join(folder, 'quiet.timeline.txt')
    expect(await runCommand(Test, folder)).toMatchObject({ status: 1, out: expect.stringContaining('no golden') })
    expect(await runCommand(Test, folder, '--update')).toMatchObject({ status: 0 })
    expect(readFileSync(golden, 'utf8')).toContain('database system is ready to accept connections')
    expect(await runCommand(Test, folder)).toMatchObject({
      status: 0,
      out: expect.stringContaining('1 passed, 0 failed'),
    })

    writeFileSync(golden, readFileSync(golden, 'utf8').replace('is ready', 'is steady'))
    const { out, status } = await runCommand(Test, folder)
    expect(status).toBe(1)
    expect(out).toMatch(/^ {2}- .*is steady to accept/m)
    expect(out).toMatch(/^ {2}\+ .*is ready to accept/m)
  })

  it('keeps a golden of its own for the second spelling', async () => {
    const folder = folderWith({
      'quiet.drill': quiet,
      'quiet.yaml':
        'drill: a quiet start\nends: 1s\ncluster:\n  - node: primary\nchecks:\n  - { at: end, expect: it serves, that: primary.accepting }\n',
    })
    expect(await runCommand(Test, folder, '--update')).toMatchObject({ status: 0 })
    expect(readFileSync(join(folder, 'quiet.yaml.timeline.txt'), 'utf8')).toContain('quiet.yaml:')
    expect(readFileSync(join(folder, 'quiet.timeline.txt'), 'utf8')).toContain('quiet.drill:')
  })

  it('fails where a check fails, whatever the golden says, and 2 where the scenario is wrong', async () => {
    const folder = folderWith({ 'bad.drill': quiet.replace('that primary', 'that not primary') })
    expect(await runCommand(Test, folder, '--update')).toMatchObject({ status: 1 })
    const wrong = folderWith({ 'wrong.drill': 'drill "x"\nnodde a\n' })
    expect(await runCommand(Test, wrong)).toMatchObject({ status: 2, error: expect.stringContaining('did you mean') })
  })
})

describe('run', () => {
  const file = join(folderWith({ 'quiet.drill': quiet }), 'quiet.drill')

  it('prints the timeline and the verdict', async () => {
    const { out, status, error } = await runCommand(Run, file)
    expect({ status, error }).toEqual({ status: 0, error: '' })
    expect(out).toContain('a quiet start')
    expect(out).toContain('✓ it serves')
    expect(out).toContain('1 check held · 1 s played')
  })

  it('prints the same twice, as text and as data', async () => {
    for (const format of ['text', 'ndjson', 'junit']) {
      const [first, second] = [
        await runCommand(Run, file, '--format', format),
        await runCommand(Run, file, '--format', format),
      ]
      expect(first.status).toBe(0)
      expect(second.out).toBe(first.out)
      expect(first.out.length).toBeGreaterThan(100)
    }
    const { out } = await runCommand(Run, file, '--json')
    expect(JSON.parse(out).files[0].runs[0]).toMatchObject({ title: 'a quiet start', verdicts: [{ outcome: 'held' }] })
  })

  it('says nothing with --quiet, writes to --out, and fails with the checks', async () => {
    expect(await runCommand(Run, file, '--quiet')).toEqual({ out: '', error: '', status: 0 })
    const report = join(folderWith({}), 'report.xml')
    expect(await runCommand(Run, file, '--format', 'junit', '--out', report)).toMatchObject({ out: '', status: 0 })
    expect(readFileSync(report, 'utf8')).toContain('<testsuite name="a quiet start"')
    const bad = join(folderWith({ 'bad.drill': quiet.replace('that primary', 'that not primary') }), 'bad.drill')
    expect(await runCommand(Run, bad)).toMatchObject({ status: 1, out: expect.stringContaining('✗ it serves') })
  })

  it('changes settings and seeds', async () => {
    const { out } = await runCommand(Run, file, '--seed', '7', '--set', 'primary.port=6543')
    expect(out).toContain('seed 7')
    expect(out).toContain('port 6543')
  })
})
