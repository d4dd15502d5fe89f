// A session's own view of the settings: SET, SET LOCAL, RESET and SHOW over the server's values, with what a
// transaction or savepoint that fails takes back. Mirrors set_config_option and AtEOXact_GUC of guc.c.

import type { SettingDefinition } from '../../../model/vocabulary.ts'
import type { SettingName, SettingValue } from './definitions.ts'
import type { Settings, SettingsReader } from './settings.ts'
import { formatValue, isInvalid, parseValue, type Value } from './value.ts'

/** Why a SET is refused. */
export interface Refusal {
  readonly sqlstate: string
  readonly message: string
  readonly hint?: string
}

interface Saved {
  readonly name: string
  /** What the session had set before; undefined if nothing. */
  readonly previous: Value | undefined
  readonly nesting: number
  readonly local: boolean
}

export class SessionSettings implements SettingsReader {
  private readonly server: Settings
  private readonly values: Record<string, Value>
  private readonly superuser: boolean
  private readonly stack: Saved[] = []
  /** Settings with a dot in their name: placeholders that any session may make. */
  private readonly custom = new Map<string, string>()
  /** What the connection asked for: RESET goes back to it. */
  private readonly atStart = new Map<string, Value>()

  constructor(server: Settings, superuser: boolean) {
    this.server = server
    this.values = Object.create(server.values)
    this.superuser = superuser
  }

  get<N extends SettingName>(name: N): SettingValue<N> {
    return this.values[name] as SettingValue<N>
  }

  /** What SHOW prints; undefined if there is no such setting. */
  show(name: string): string | undefined {
    const definition = this.server.definitions.get(name.toLowerCase())
    return definition ? formatValue(definition, this.values[definition.name]) : this.custom.get(name.toLowerCase())
  }

  /** What the client asks for as it connects: backend settings are still open then. */
  setAtStart(name: string, text: string): Refusal | undefined {
    const definition = this.server.definitions.get(name.toLowerCase())
    const refusal = this.refusal(name, definition, true)
    if (refusal || !definition) return refusal
    const value = parseValue(definition, text)
    if (isInvalid(value)) return { sqlstate: '22023', ...value }
    this.values[definition.name] = value
    this.atStart.set(definition.name, value)
    return undefined
  }

  /**
   * SET (`local`: SET LOCAL) at a transaction's nesting level, 0 outside of any. `text` undefined means DEFAULT.
   * Gives the refusal, and then nothing has changed.
   */
  set(name: string, text: string | undefined, nesting: number, local = false): Refusal | undefined {
    const definition = this.server.definitions.get(name.toLowerCase())
    if (!definition && name.includes('.')) {
      this.custom.set(name.toLowerCase(), text ?? '')
      return undefined
    }
    const refusal = this.refusal(name, definition, false)
    if (refusal || !definition) return refusal
    const value = text === undefined ? this.atStart.get(definition.name) : parseValue(definition, text)
    if (value !== undefined && isInvalid(value)) return { sqlstate: '22023', ...value }
    if (local && nesting === 0) return undefined
    if (nesting > 0) this.stack.push({ name: definition.name, previous: this.own(definition.name), nesting, local })
    this.assign(definition.name, value)
    return undefined
  }

  /** RESET ALL. */
  resetAll(nesting: number): void {
    for (const name of Object.keys(this.values)) this.set(name, undefined, nesting)
  }

  /** A transaction (level 1) or subtransaction ends. */
  endNesting(nesting: number, committed: boolean): void {
    const kept: Saved[] = []
    while (this.stack.length > 0 && this.stack[this.stack.length - 1].nesting >= nesting) {
      const saved = this.stack.pop()!
      if (!committed || (saved.local && nesting === 1)) this.assign(saved.name, saved.previous)
      else if (nesting > 1) kept.push({ ...saved, nesting: nesting - 1 })
    }
    this.stack.push(...kept.reverse())
  }

  private own(name: string): Value | undefined {
    return Object.hasOwn(this.values, name) ? this.values[name] : undefined
  }

  private assign(name: string, value: Value | undefined): void {
    if (value === undefined) delete this.values[name]
    else this.values[name] = value
  }

  private refusal(name: string, definition: SettingDefinition | undefined, starting: boolean): Refusal | undefined {
    if (!definition) return { sqlstate: '42704', message: `unrecognized configuration parameter "${name}"` }
    const refuse = (sqlstate: string, message: string) => ({ sqlstate, message })
    switch (definition.context) {
      case 'internal':
        return refuse('55P02', `parameter "${name}" cannot be changed`)
      case 'postmaster':
        return refuse('55P02', `parameter "${name}" cannot be changed without restarting the server`)
      case 'sighup':
        return refuse('55P02', `parameter "${name}" cannot be changed now`)
      case 'backend':
        return starting ? undefined : refuse('55P02', `parameter "${name}" cannot be set after connection start`)
      case 'superuser-backend':
        if (!starting) return refuse('55P02', `parameter "${name}" cannot be set after connection start`)
        return this.superuser ? undefined : refuse('42501', `permission denied to set parameter "${name}"`)
      case 'superuser':
        return this.superuser ? undefined : refuse('42501', `permission denied to set parameter "${name}"`)
      case 'user':
        return undefined
    }
  }
}
