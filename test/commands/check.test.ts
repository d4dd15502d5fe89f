import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import Check from '../../src/commands/check.ts'
import Convert from '../../src/commands/convert.ts'
import Run from '../../src/commands/run.ts'
import { folderWith, runCommand } from './harness.ts'

const drill = 'scenarios/02-crash/kill-backend.drill'

describe('check', () => {
  it('finds nothing wrong with what is right', async () => {
    expect(await runCommand(Check, drill)).toEqual({ out: `${drill}: fine\n`, error: '', status: 0 })
  })

  it('says all at once what is wrong, and where', async () => {
    const folder = folderWith({
      'bad.drill': `drill "bad"
node primary { shared_bufers = 1GB }
setup on primary $$ create tabel t (); $$
client c on primary every 1s $$
  \\set x randon(1, 2)
  selekt :x;
$$
ends 5s
`,
    })
    const { error, status } = await runCommand(Check, join(folder, 'bad.drill'))
    expect(status).toBe(2)
    expect(error).toContain('bad.drill:2:16')
    expect(error).toContain('shared_buffers')
    expect(error).toContain('bad.drill:3:28')
    expect(error).toContain('bad.drill:5:10')
    expect(error).toContain('did you mean random()?')
    expect(error).toContain('bad.drill:6:3')
  })

  it('says it as data, too', async () => {
    const folder = folderWith({ 'bad.drill': 'drill "bad"\nnodde primary\n' })
    const { out, error, status } = await runCommand(Check, '--json', join(folder, 'bad.drill'))
    expect(status).toBe(2)
    expect(error).toBe('')
    expect(JSON.parse(out).files[0].diagnostics[0].code).toBe('unknown-word')
  })

  it('checks all that lies in a folder', async () => {
    const { out, status } = await runCommand(Check, 'scenarios/02-crash')
    expect(status).toBe(0)
    expect(out).toContain('scenarios/02-crash/kill-backend.drill: fine\n')
    expect(out).toContain('scenarios/02-crash/kill-backend.yaml: fine\n')
  })

  it('refuses files that are not there, folders without scenarios, and unknown flags with status 2', async () => {
    expect(await runCommand(Check, 'nowhere.drill')).toMatchObject({
      status: 2,
      error: 'there is no file nowhere.drill',
    })
    expect(await runCommand(Check, 'src')).toMatchObject({ status: 2, error: 'there are no scenarios' })
    expect(await runCommand(Check, '--frobnicate', drill)).toMatchObject({ status: 2 })
  })

  it('a client that never ends needs an end', async () => {
    const folder = folderWith({ 'a.drill': 'drill "a"\nnode p\nclient c on p $$ select 1; $$\n' })
    const { error, status } = await runCommand(Check, join(folder, 'a.drill'))
    expect(status).toBe(2)
    expect(error).toContain('ends 10s')
  })
})

describe('convert', () => {
  it('gives the other spelling, which gives the first again', async () => {
    const { out: yaml, status } = await runCommand(Convert, drill, '--to', 'yaml')
    expect(status).toBe(0)
    const folder = folderWith({ 'a.yaml': yaml })
    const { out: again } = await runCommand(Convert, join(folder, 'a.yaml'), '--to', 'drill')
    const folder2 = folderWith({ 'b.drill': again })
    expect((await runCommand(Convert, join(folder2, 'b.drill'), '--to', 'yaml')).out).toBe(yaml)
  })
})

describe('run', () => {
  it('says where it looked for a real server in vain', async () => {
    const { error, status } = await runCommand(Run, drill, '--engine', 'postgres', '--bindir', '/nowhere')
    expect(status).toBe(2)
    expect(error).toContain('there is no initdb in /nowhere')
  })

  it('flags of real servers need real servers', async () => {
    const { error, status } = await runCommand(Run, drill, '--keep')
    expect(status).toBe(2)
    expect(error).toContain('--engine postgres')
  })

  it.each([
    ['shared_bufers=1', 'shared_buffers'],
    ['nobody.shared_buffers=1', 'there is no node nobody'],
    ['shared_buffers', 'write [node.]setting=value'],
    ['fsync=perhaps', 'fsync'],
  ])('refuses --set %s', async (change, message) => {
    const { error, status } = await runCommand(Run, drill, '--set', change)
    expect(status).toBe(2)
    expect(error).toContain(message)
  })
})
