// The settings of one server: what its files say over PostgreSQL's defaults. A reload changes what may change without a
// restart, and says what it did; what may not change waits for the next start. Mirrors ProcessConfigFileInternal.

import {
  formatSettingBare,
  type InvalidSetting,
  isInvalidSetting,
  parseSetting,
  type SettingValue as Value,
} from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import { ConfigurationFiles, type FileSetting } from './configuration-files.ts'
import { bootValues, computed, type SettingValues } from './defaults.ts'
import { definitionsOf } from './definitions.ts'
import { isCustomName, placeholder } from './placeholders.ts'
import type { SettingName, SettingValue } from './played.ts'
import { readValue, type SettingRefusal, unknownSetting } from './setting-refusal.ts'

/** Whoever reads settings: a server's, or a session's own view of them. */
export interface SettingsReader {
  get<N extends SettingName>(name: N): SettingValue<N>
}

/** Where a value comes from, unless a session has set it. */
export type Origin = FileSetting | 'override' | 'default'

/** What a reload found, in the order in which PostgreSQL finds it. */
export type ReloadFinding =
  | { readonly kind: 'changed'; readonly name: string; readonly text: string }
  | { readonly kind: 'removed'; readonly name: string }
  | { readonly kind: 'needs restart'; readonly name: string; readonly at?: FileSetting }
  | { readonly kind: 'unknown'; readonly at: FileSetting }
  | { readonly kind: 'invalid'; readonly at: FileSetting; readonly complaint: InvalidSetting }

/** What a start or reload makes. */
interface Generation {
  readonly values: Record<string, Value>
  readonly origins: Map<string, FileSetting>
}

function byName(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1
}

/** Where the files themselves are, who may change them, and what belongs to a transaction. */
const notInFiles = [
  'allow_alter_system',
  'config_file',
  'data_directory',
  'hba_file',
  'ident_file',
  'transaction_deferrable',
  'transaction_isolation',
  'transaction_read_only',
]

export class Settings implements SettingsReader {
  readonly version: number
  readonly files: ConfigurationFiles
  private readonly definitions: ReadonlyMap<string, SettingDefinition>
  private readonly overrides: Record<string, Value> = {}
  /** Of the last start or reload: each makes another object, by which sessions see that there was one. */
  values: SettingValues = {}
  /** Where those of them stand that the files set. */
  origins: ReadonlyMap<string, FileSetting> = new Map()
  /** Names that wait for a restart. */
  readonly pendingRestart = new Set<string>()

  /** `file`: valid texts by name, as `diagnoseSettings` has checked them. */
  constructor(version: number, file: ReadonlyMap<string, string>) {
    this.version = version
    this.definitions = definitionsOf(version)
    this.files = new ConfigurationFiles(version, file)
    this.load()
  }

  get<N extends SettingName>(name: N): SettingValue<N> {
    return this.values[name] as SettingValue<N>
  }

  /** Case does not count. A name with a dot that nobody has defined is a placeholder. */
  definition(name: string): SettingDefinition | undefined {
    return this.definitions.get(name.toLowerCase()) ?? (isCustomName(name) ? placeholder(name) : undefined)
  }

  /** In the order of their names. */
  all(): Iterable<SettingDefinition> {
    return this.definitions.values()
  }

  /** What the server knows better than its files, such as where they are. */
  override(name: string, value: Value): void {
    this.overrides[name] = value
    this.values = { ...this.values, [name]: value }
  }

  /** Why ALTER SYSTEM would not write this into its file; RESET with `text` undefined. */
  refusalOfAlteration(name: string, text: string | undefined, superuser: boolean): SettingRefusal | undefined {
    const definition = this.definition(name)
    if (!definition) return unknownSetting(name)
    if (!superuser) return { sqlstate: '42501', message: `permission denied to set parameter "${name}"` }
    if (definition.context === 'internal' || notInFiles.includes(definition.name)) {
      return { sqlstate: '55P02', message: `parameter "${name}" cannot be changed` }
    }
    const read = text === undefined ? undefined : readValue(definition, text, this.version, this.values)
    return read !== undefined && 'refusal' in read ? read.refusal : undefined
  }

  origin(name: string): Origin {
    return name in this.overrides ? 'override' : (this.origins.get(name) ?? 'default')
  }

  /** What a start does: everything in the files takes effect. */
  load(): void {
    const values: Record<string, Value> = { ...bootValues(this.version) }
    const origins = new Map<string, FileSetting>()
    for (const setting of this.files.settings()) {
      const definition = this.definition(setting.name)
      const value = definition && parseSetting(definition, setting.text, this.version)
      if (value === undefined || isInvalidSetting(value)) throw new Error(`wrong setting ${setting.name}`)
      values[definition!.name] = value
      origins.set(definition!.name, setting)
    }
    this.origins = origins
    this.values = { ...computed(values), ...this.overrides }
    this.pendingRestart.clear()
  }

  /** What SIGHUP does. Nothing changes if a name is unknown. */
  reload(): ReloadFinding[] {
    const settings = this.files.settings()
    const unknown = settings.filter(({ name }) => this.definition(name) === undefined)
    if (unknown.length > 0) return unknown.map(at => ({ kind: 'unknown', at }))
    const next: Generation = { values: { ...this.values }, origins: new Map(this.origins) }
    const findings = [
      ...this.removeOthers(settings, next),
      ...settings.flatMap(setting => this.apply(setting, next) ?? []),
    ]
    this.values = next.values
    this.origins = next.origins
    return findings
  }

  /** What the files set once and no longer do goes back to its default. From 16 on PostgreSQL goes by a hash table. */
  private removeOthers(settings: readonly FileSetting[], { values, origins }: Generation): ReloadFinding[] {
    const present = new Set(settings.map(each => this.definition(each.name)!.name))
    const gone = [...this.origins.keys()].filter(name => !present.has(name)).sort(byName)
    const defaults = computed({ ...bootValues(this.version), shared_buffers: this.values.shared_buffers })
    return gone.map(name => {
      if (this.definition(name)!.context === 'postmaster') {
        this.pendingRestart.add(name)
        return { kind: 'needs restart', name }
      }
      origins.delete(name)
      values[name] = defaults[name] ?? ''
      return { kind: 'removed', name }
    })
  }

  private apply(at: FileSetting, { values, origins }: Generation): ReloadFinding | undefined {
    const definition = this.definition(at.name)!
    const { name } = definition
    const value = parseSetting(definition, at.text, this.version)
    if (isInvalidSetting(value)) return { kind: 'invalid', at, complaint: value }
    if (name in this.overrides) return undefined
    if (definition.context === 'postmaster') {
      const wanted = computed({ ...this.values, [name]: value })[name]
      if (wanted !== this.values[name]) {
        this.pendingRestart.add(name)
        return { kind: 'needs restart', name, at }
      }
      this.pendingRestart.delete(name)
      origins.set(name, at)
      return undefined
    }
    const before = values[name] ?? ''
    values[name] = value
    origins.set(name, at)
    if (formatSettingBare(definition, before) === formatSettingBare(definition, value)) return undefined
    return { kind: 'changed', name: at.name, text: at.text }
  }
}
