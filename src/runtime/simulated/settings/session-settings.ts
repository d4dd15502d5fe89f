// A session's own view of the settings: SET, SET LOCAL, RESET and SHOW over the server's values, with what a
// transaction or savepoint that fails takes back. Mirrors set_config_option and AtEOXact_GUC of guc.c.

import { formatSetting, type SettingValue as Value } from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import type { SettingValues } from './defaults.ts'
import type { SettingName, SettingValue } from './played.ts'
import { readValue, refusalOfContext, type SettingRefusal } from './setting-refusal.ts'
import type { Origin, Settings, SettingsReader } from './settings.ts'

/** What the session has set, or what its connection asked for. */
interface Own {
  readonly value: Value
  readonly source: 'client' | 'session'
}

interface Kept {
  readonly value: Value
  readonly origin: Origin
}

/** What one transaction or savepoint has done to a setting. */
interface Change {
  readonly nesting: number
  /** SET, SET LOCAL, or SET and then SET LOCAL, which hides for a while what SET has set. */
  state: 'set' | 'local' | 'set local'
  /** Undefined: the session had set nothing. */
  readonly prior: Own | undefined
  masked?: Own | undefined
}

export class SessionSettings implements SettingsReader {
  private readonly server: Settings
  private readonly superuser: boolean
  /** The server's values as they were when the session last looked, and where they stood. */
  private seen: SettingValues
  private origins: Settings['origins']
  /** The session's own over those. */
  private values: Record<string, Value>
  private readonly own = new Map<string, Own>()
  /** Values that stay as they were when the connection began, whatever a reload says. */
  private readonly kept = new Map<string, Kept>()
  /** What the connection asked for: RESET goes back to it. */
  private readonly atStart = new Map<string, Own>()
  private readonly changes = new Map<string, Change[]>()

  constructor(server: Settings, superuser: boolean) {
    this.server = server
    this.superuser = superuser
    this.seen = server.values
    this.origins = server.origins
    this.values = Object.create(server.values)
  }

  get<N extends SettingName>(name: N): SettingValue<N> {
    return this.values[name] as SettingValue<N>
  }

  /** Before each command: takes over what a reload has changed since. */
  refresh(): void {
    const { values } = this.server
    if (values === this.seen) return
    for (const definition of this.server.all()) {
      const { name } = definition
      const isFixed = definition.context === 'backend' || definition.context === 'superuser-backend'
      if (!isFixed || this.seen[name] === values[name] || this.kept.has(name)) continue
      this.kept.set(name, { value: this.seen[name], origin: this.origins.get(name) ?? 'default' })
    }
    this.seen = values
    this.origins = this.server.origins
    this.values = Object.create(values)
    for (const [name, { value }] of this.kept) this.values[name] = value
    for (const [name, { value }] of this.own) this.values[name] = value
  }

  /** The value that counts now, with its definition; undefined if there is no such setting. */
  find(name: string): { readonly definition: SettingDefinition; readonly value: Value } | undefined {
    const definition = this.server.definition(name)
    const value = definition && this.values[definition.name]
    return definition && value !== undefined ? { definition, value } : undefined
  }

  /** What SHOW prints; undefined if there is no such setting. */
  show(name: string): string | undefined {
    const found = this.find(name)
    return found && formatSetting(found.definition, found.value)
  }

  /** Who has set it, or where. */
  origin(name: string): Own['source'] | Origin {
    return this.own.get(name)?.source ?? this.kept.get(name)?.origin ?? this.server.origin(name)
  }

  /** What RESET would go back to. */
  resetValue(name: string): Value {
    return this.atStart.get(name)?.value ?? this.kept.get(name)?.value ?? this.seen[name] ?? ''
  }

  /** What the client asks for as it connects: backend settings are still open then. */
  setAtStart(name: string, text: string): SettingRefusal | undefined {
    const read = this.read(name, text, true)
    if ('refusal' in read) return read.refusal
    const own: Own = { value: read.value, source: 'client' }
    this.atStart.set(read.name, own)
    this.assign(read.name, own)
    return undefined
  }

  /**
   * SET (`local`: SET LOCAL) at a transaction's nesting level, 0 outside of any. `text` undefined means DEFAULT.
   * Gives the refusal, and then nothing has changed.
   */
  set(name: string, text: string | undefined, nesting: number, local = false): SettingRefusal | undefined {
    const read = this.read(name, text, false)
    if ('refusal' in read) return read.refusal
    if (local && nesting === 0) return undefined
    if (nesting > 0) this.remember(read.name, nesting, local)
    this.assign(read.name, text === undefined ? this.defaultOf(read.name) : { value: read.value, source: 'session' })
    return undefined
  }

  /** RESET ALL. */
  resetAll(nesting: number): void {
    for (const [name, { source }] of [...this.own]) if (source === 'session') this.set(name, undefined, nesting)
  }

  /** A transaction (level 1) or subtransaction ends. */
  endNesting(nesting: number, committed: boolean): void {
    for (const [name, stack] of [...this.changes]) {
      while (stack.length > 0 && stack[stack.length - 1].nesting >= nesting) this.endChange(name, stack, committed)
      if (stack.length === 0) this.changes.delete(name)
    }
  }

  private endChange(name: string, stack: Change[], committed: boolean): void {
    const change = stack.pop()!
    const { nesting, state, prior, masked } = change
    if (!committed) this.assign(name, prior)
    else if (nesting === 1) {
      if (state === 'local') this.assign(name, prior)
      if (state === 'set local') this.assign(name, masked)
    } else {
      const outer = stack[stack.length - 1]
      if (outer?.nesting !== nesting - 1) stack.push({ ...change, nesting: nesting - 1 })
      else if (state === 'set') outer.state = 'set'
      else if (state === 'set local' || outer.state === 'set') {
        outer.masked = state === 'set local' ? masked : prior
        outer.state = 'set local'
      }
    }
  }

  private remember(name: string, nesting: number, local: boolean): void {
    const stack = this.changes.get(name) ?? []
    this.changes.set(name, stack)
    const top = stack[stack.length - 1]
    if (top?.nesting !== nesting) {
      stack.push({ nesting, state: local ? 'local' : 'set', prior: this.own.get(name) })
    } else if (!local) top.state = 'set'
    else if (top.state === 'set') {
      top.masked = this.own.get(name)
      top.state = 'set local'
    }
  }

  /** A placeholder stays once it is made, and is empty then. */
  private defaultOf(name: string): Own | undefined {
    const isPlaceholder = name.includes('.') && this.seen[name] === undefined
    return this.atStart.get(name) ?? (isPlaceholder ? { value: '', source: 'session' } : undefined)
  }

  private assign(name: string, own: Own | undefined): void {
    if (own) this.own.set(name, own)
    else this.own.delete(name)
    const value = own?.value ?? this.kept.get(name)?.value
    if (value === undefined) delete this.values[name]
    else this.values[name] = value
  }

  private read(
    name: string,
    text: string | undefined,
    starting: boolean,
  ): { readonly name: string; readonly value: Value } | { readonly refusal: SettingRefusal } {
    const definition = this.server.definition(name)
    const refusal = refusalOfContext(name, definition, this.superuser, starting)
    if (refusal || !definition) return { refusal: refusal! }
    if (text === undefined) return { name: definition.name, value: this.resetValue(definition.name) }
    const read = readValue(definition, text, this.server.version, this.seen)
    return 'refusal' in read ? read : { name: definition.name, value: read.value }
  }
}
