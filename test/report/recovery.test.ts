// What a crash or a failover has cost, in the formats that say it.

import { expect, test } from 'vitest'
import type { Recovery } from '../../src/model/recovery.ts'
import { formats, plain, type ReportedRun, type ReportOptions } from '../../src/report/index.ts'
import { viewerRunOf } from '../../src/report/viewer-run.ts'
import { killBackendRun } from './kill-backend.ts'

const options: ReportOptions = { version: '0.1.0', detail: 'lifecycle', styles: plain, width: 100 }

const costly: Recovery = {
  point: {
    time: 1.98e9,
    ledger: [
      { client: 'shop', acknowledged: 5_088, lost: 312, ghosts: 0 },
      { client: 'cashier', acknowledged: 60, lost: 0, ghosts: 1 },
    ],
  },
  time: { time: 4.21e9, from: 8e9, ended: true },
}

const write = (format: 'text' | 'ndjson' | 'junit' | 'tap', recovery?: Recovery): string => {
  const run: ReportedRun = { ...killBackendRun(), ...(recovery ? { recovery } : {}) }
  return [...formats[format].write([run], options)].join('')
}

test('text: what is lost, by client, and how long nobody was served', () => {
  expect(write('text', costly)).toContain(`
  RPO  1.98 s: of 5,148 acknowledged commits 312 are lost, the oldest of them acknowledged 1.98 s
       before the fault; 1 there that nobody was told of
       client   acknowledged  survived  lost  ghosts
       shop            5,088     4,776   312       0
       cashier            60        60     0       1
  RTO  4.21 s: from 8.000 000 to the next acknowledged commit

`)
})

test('text: nothing is lost, and nobody is served any more', () => {
  const point = { time: 0, ledger: [{ client: 'shop', acknowledged: 5_088, lost: 0, ghosts: 0 }] }
  const text = write('text', { point, time: { time: 4e9, from: 8e9, ended: false } })
  expect(text).toContain(`
  RPO  0 s: of 5,088 acknowledged commits none is lost
  RTO  over 4 s: from 8.000 000 to the end no commit was acknowledged

`)
})

test('NDJSON has it in the line that ends the run, JUnit as properties', () => {
  expect(JSON.parse(write('ndjson', costly).trimEnd().split('\n').at(-1)!)).toMatchObject({ recovery: costly })
  expect(write('junit', costly)).toContain(`    <properties>
      <property name="rpo.seconds" value="1.980000"/>
      <property name="shop.acknowledged" value="5088"/>
      <property name="shop.lost" value="312"/>
      <property name="shop.ghosts" value="0"/>
      <property name="cashier.acknowledged" value="60"/>
      <property name="cashier.lost" value="0"/>
      <property name="cashier.ghosts" value="1"/>
      <property name="rto.seconds" value="4.210000"/>
    </properties>
`)
})

test('TAP says it in comments', () => {
  expect(write('tap', costly)).toContain(`
# RPO  1.98 s: of 5,148 acknowledged commits 312 are lost, the oldest of them acknowledged 1.98 s before the fault; 1
#      there that nobody was told of
#      client   acknowledged  survived  lost  ghosts
#      shop            5,088     4,776   312       0
#      cashier            60        60     0       1
# RTO  4.21 s: from 8.000 000 to the next acknowledged commit
`)
})

test('the viewer shows both, and where the stretch without a commit began', () => {
  expect(viewerRunOf({ ...killBackendRun(), recovery: costly }, '0.1.0').measures).toEqual([
    {
      name: 'RPO',
      phrase: expect.stringContaining('of 5,148 acknowledged commits 312 are lost'),
      more: ['shop: 5,088 acknowledged, 312 lost, 0 ghosts', 'cashier: 60 acknowledged, 0 lost, 1 ghosts'],
    },
    { name: 'RTO', phrase: '4.21 s: from 8.000 000 to the next acknowledged commit', more: [], at: 8e9 },
  ])
})

test('a run without a crash says nothing of it', () => {
  for (const format of ['text', 'ndjson', 'junit', 'tap'] as const)
    expect(write(format)).not.toMatch(/^[# ] {1,2}R[PT]O |"recovery":|<propert/m)
  expect(viewerRunOf(killBackendRun(), '0.1.0').measures).toEqual([])
})
