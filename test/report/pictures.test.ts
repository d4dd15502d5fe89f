// The pictures as text: what of a run is in them.

import { expect, test } from 'vitest'
import { formats, plain } from '../../src/index.ts'
import { play } from '../playing.ts'
import { killBackendRun } from './kill-backend.ts'

const options = { version: '0', detail: 'lifecycle', styles: plain, width: 120 } as const

test('the space-time chart is one well-formed picture that needs nothing else', async () => {
  const runs = await play('scenarios/02-crash/kill-backend.drill', undefined, { wants: formats.svg.needs })
  const picture = [...formats.svg.write(runs, options)].join('')
  const open: string[] = []
  for (const [, closing, name, alone] of picture.matchAll(/<(\/?)([a-z]+)(?: [^<>]*?)?(\/?)>/g)) {
    if (closing) expect(open.pop()).toBe(name)
    else if (!alone) open.push(name)
  }
  expect(open).toEqual([])
  expect(picture.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|url\(|NaN|undefined|Infinity/)
  expect(picture).toContain('prefers-color-scheme:dark')
  for (const name of ['postmaster', 'checkpointer', 'backend of teller[7]', 'teller[0]']) {
    expect(picture).toContain(`>${name}</text>`)
  }
  expect(picture).toContain('⚡ kill -9 backend 107 of teller[0]')
  expect(picture.match(/class="arrow signal"/g)).toHaveLength(12)
  expect(picture.match(/class="arrow error"/g)).toHaveLength(7)
  expect(picture.match(/class="death"/g)!.length).toBeGreaterThanOrEqual(1)
  expect(picture).toContain('✓ the other seven are told')
})

test('time goes to the right, and what is wide does not grow without end', () => {
  const run = killBackendRun()
  const logs = Array.from({ length: 5000 }, (_, at) => ({
    time: at * 2e6,
    sequence: at + 1,
    kind: 'log.line' as const,
    node: 'primary',
    process: 'postmaster',
    pid: 100,
    level: 'LOG',
    message: 'a < b',
  }))
  const picture = [...formats.svg.write([{ ...run, events: logs }], options)].join('')
  const places = [...picture.matchAll(/class="said" cx="([\d.]+)"/g)].map(([, x]) => Number(x))
  expect(places).toHaveLength(5000)
  expect(places).toEqual(places.toSorted((one, other) => one - other))
  expect(places.at(-1)!).toBeLessThan(3000)
  expect(picture).toContain('LOG: a &lt; b')
})

test('a sequence diagram sums up what is alike, and leaves out the middle of what nobody would read', async () => {
  const runs = await play('scenarios/02-crash/kill-backend.drill', undefined, { wants: formats.mermaid.needs })
  const lines = [...formats.mermaid.write(runs, options)].map(line => line.trim())
  expect(lines.length).toBeLessThan(60)
  // Before the note, before the kill, between the kill and the crash, after the recovery.
  const commits = lines.flatMap(line => / ([\d,]+) commits?$/.exec(line)?.[1] ?? [])
  expect(commits).toHaveLength(4)
  const acknowledged = runs[0].events.filter(({ kind }) => kind === 'client.acknowledged')
  expect(commits.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0)).toBe(acknowledged.length)
  const at = (text: string) => lines.findIndex(line => line.includes(text))
  expect(at('⚡ kill -9')).toBeLessThan(at('terminated by signal 9'))
  expect(at('terminated by signal 9')).toBeLessThan(at('SIGQUIT'))
  expect(lines.filter(line => line.includes('WARNING'))).toHaveLength(1)
  expect(lines.find(line => line.includes('WARNING'))).toMatch(/ ×7$/)

  const note = (at: number) => ({ time: at, sequence: at + 1, kind: 'note.shown' as const, text: `note ${at}` })
  const many = { ...killBackendRun(), events: [...runs[0].events, ...Array.from({ length: 500 }, (_, at) => note(at))] }
  const shortened = [...formats.mermaid.write([many], options)].map(line => line.trim())
  expect(shortened.length).toBeLessThan(150)
  expect(shortened.filter(line => /… \d+ more$/.test(line))).toHaveLength(1)
})
