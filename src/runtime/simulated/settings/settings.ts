// The settings of one server: what its scenario says over PostgreSQL's defaults. A reload changes what may change
// without a restart, and says what it did; what may not change waits for the next start.

import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { definitionsOf, type SettingName, type SettingValue } from './definitions.ts'
import { formatValue, isInvalid, parseValue, type Value } from './value.ts'

/** Whoever reads settings: a server's, or a session's own view of them. */
export interface SettingsReader {
  get<N extends SettingName>(name: N): SettingValue<N>
}

/** What a reload found, in the order of the configuration file. */
export type ReloadFinding =
  | { readonly kind: 'changed'; readonly name: string; readonly value: string }
  | { readonly kind: 'removed'; readonly name: string }
  | { readonly kind: 'needs restart'; readonly name: string }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'invalid'; readonly name: string; readonly message: string; readonly hint?: string }

export class Settings implements SettingsReader {
  readonly version: number
  readonly definitions: ReadonlyMap<string, SettingDefinition>
  /** What stands in the configuration file: name to text. */
  private file: ReadonlyMap<string, string>
  /** Sessions inherit from this object, so that a reload reaches all that they have not set themselves. */
  readonly values: Record<string, Value> = {}
  /** Names that wait for a restart. */
  readonly pendingRestart = new Set<string>()

  /** `file`: valid texts by name, as `diagnoseSettings` has checked them. */
  constructor(version: number, file: ReadonlyMap<string, string>) {
    this.version = version
    this.definitions = definitionsOf(version)
    this.file = file
    this.load()
  }

  get<N extends SettingName>(name: N): SettingValue<N> {
    return this.values[name] as SettingValue<N>
  }

  /** As SHOW prints it; undefined if there is no such setting. */
  show(name: string): string | undefined {
    const definition = this.definitions.get(name.toLowerCase())
    return definition && formatValue(definition, this.values[definition.name])
  }

  /** A preset that the server computes for itself, such as in_hot_standby. */
  preset(name: SettingName, value: Value): void {
    this.values[name] = value
  }

  /** Writes settings into the configuration file; they take effect at the next reload or start. */
  edit(changes: ReadonlyMap<string, string>): void {
    this.file = new Map([...this.file, ...changes])
  }

  /** What a start does: everything in the file takes effect. */
  load(): void {
    for (const definition of this.definitions.values()) {
      const value = parseValue(definition, this.file.get(definition.name) ?? definition.default)
      if (isInvalid(value)) throw new Error(value.message)
      this.values[definition.name] = value
    }
    this.pendingRestart.clear()
  }

  /** What SIGHUP does. Nothing changes if a name is unknown. */
  reload(): ReloadFinding[] {
    const findings: ReloadFinding[] = []
    for (const name of this.file.keys()) {
      if (!this.definitions.has(name.toLowerCase()) && !name.includes('.')) findings.push({ kind: 'unknown', name })
    }
    if (findings.length > 0) return findings
    for (const definition of this.definitions.values()) {
      const finding = this.reloadOne(definition)
      if (finding) findings.push(finding)
    }
    return findings
  }

  private reloadOne(definition: SettingDefinition): ReloadFinding | undefined {
    const { name } = definition
    if (definition.context === 'internal') return undefined
    const text = this.file.get(name)
    const value = parseValue(definition, text ?? definition.default)
    if (isInvalid(value)) return { kind: 'invalid', name, ...value }
    if (value === this.values[name]) {
      this.pendingRestart.delete(name)
      return undefined
    }
    if (definition.context === 'postmaster') {
      this.pendingRestart.add(name)
      return { kind: 'needs restart', name }
    }
    this.values[name] = value
    return text === undefined ? { kind: 'removed', name } : { kind: 'changed', name, value: text }
  }
}
