// Whether facts.ts is what servers say of themselves, and whether we know of every setting what we do with it.

import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readServer } from '../../../../scripts/settings.ts'
import { formatSettingRaw, isInvalidSetting, parseSetting } from '../../../../src/model/setting-value.ts'
import { definitionsOf, settingDefinitions } from '../../../../src/runtime/simulated/settings/definitions.ts'
import { initialFiles, settingFacts } from '../../../../src/runtime/simulated/settings/facts.ts'
import { notPlayed } from '../../../../src/runtime/simulated/settings/not-played.ts'
import { played } from '../../../../src/runtime/simulated/settings/played.ts'
import { summaries } from '../../../../src/runtime/simulated/settings/summaries.ts'
import { withoutEffect } from '../../../../src/runtime/simulated/settings/without-effect.ts'

const bindir = '/usr/lib/postgresql/15/bin'
const isInstalled = existsSync(`${bindir}/initdb`)

test.runIf(isInstalled)('the facts of 15 are those of the server that is installed here', () => {
  const server = readServer(bindir)
  expect(server.major).toBe(15)
  const ours = settingFacts
    .filter(({ since = 15 }) => since <= 15)
    .map(({ since, until, ...facts }) => facts)
    .filter(({ name }) => !/^server_version/.test(name))
  const theirs = server.settings.filter(({ name }) => !/^server_version/.test(name))
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  expect([...ours].sort(byName)).toEqual([...theirs].sort(byName))
  expect(initialFiles[15]).toEqual(server.file)
})

test.skipIf(isInstalled)(`NOT CHECKED against a server: there is no PostgreSQL 15 in ${bindir}`, () => {})

test('a setting stands once for each version', () => {
  for (const { name, since = 15, until = 18 } of settingFacts) {
    const others = settingFacts.filter(each => each.name === name && (each.since ?? 15) !== since)
    expect(
      others.some(other => (other.since ?? 15) <= until && since <= (other.until ?? 18)),
      name,
    ).toBe(false)
  }
})

test.each([15, 16, 17, 18])('every boot value of %i reads, and prints as PostgreSQL prints it', version => {
  for (const definition of definitionsOf(version).values()) {
    const { name, boot = '' } = definition
    const value = parseSetting(definition, boot, version)
    expect(isInvalidSetting(value) ? value.message : formatSettingRaw(definition, value), name).toBe(boot)
  }
})

test('of every setting it is known what we do with it', () => {
  const names = new Set(settingFacts.filter(({ context }) => context !== 'internal').map(({ name }) => name))
  const listed = [...Object.keys(played), ...Object.keys(notPlayed), ...Object.keys(withoutEffect)]
  expect(listed.sort()).toEqual([...names].sort())
})

test('what the engine reads has the type in which it reads it', () => {
  for (const [name, type] of Object.entries(played)) {
    const types = settingDefinitions.filter(each => each.name === name).map(each => each.type)
    // A boolean until 17; who reads it knows.
    if (name !== 'log_connections') expect(new Set(types), name).toEqual(new Set([type]))
  }
})

test('every setting has a summary, and no other name has one', () => {
  expect(Object.keys(summaries).sort()).toEqual([...new Set(settingFacts.map(({ name }) => name))].sort())
})
