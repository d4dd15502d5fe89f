// WITH (…) of subscriptions. Mirrors parse_subscription_options of subscriptioncmds.c. What would change how changes are
// sent or applied in a way that is not played is refused by name.

import type { Node } from '@pgsql/types'
import { parseBool } from '../../../../model/setting-value.ts'
import { lsnType } from '../../catalog/types/identifiers.ts'
import { fail } from '../../shared/error.ts'
import { argumentText } from './storage-options.ts'

export interface SubscriptionOptions {
  readonly connect?: boolean
  readonly enabled?: boolean
  readonly createSlot?: boolean
  readonly copyData?: boolean
  readonly refresh?: boolean
  /** Null: NONE. */
  readonly slotName?: string | null
  readonly synchronousCommit?: string
  readonly disableOnError?: boolean
  /** 0: NONE. */
  readonly lsn?: number
}

/** Those that statements may allow. */
export type OptionName =
  | 'connect'
  | 'enabled'
  | 'create_slot'
  | 'copy_data'
  | 'refresh'
  | 'slot_name'
  | 'synchronous_commit'
  | 'disable_on_error'
  | 'lsn'

/** What is there is played if it says this; with the first major that has it. */
const unplayed: Readonly<Record<string, { readonly value: string; readonly since: number }>> = {
  binary: { value: 'false', since: 15 },
  streaming: { value: 'false', since: 15 },
  two_phase: { value: 'false', since: 15 },
  password_required: { value: 'true', since: 16 },
  run_as_owner: { value: 'false', since: 16 },
  origin: { value: 'any', since: 16 },
  failover: { value: 'false', since: 17 },
}

const keys: Readonly<Record<OptionName, keyof SubscriptionOptions>> = {
  connect: 'connect',
  enabled: 'enabled',
  create_slot: 'createSlot',
  copy_data: 'copyData',
  refresh: 'refresh',
  slot_name: 'slotName',
  synchronous_commit: 'synchronousCommit',
  disable_on_error: 'disableOnError',
  lsn: 'lsn',
}

export function readSubscriptionOptions(
  nodes: readonly Node[],
  allowed: readonly OptionName[],
  version: number,
): SubscriptionOptions {
  const options: Record<string, unknown> = {}
  const seen = new Set<string>()
  for (const node of nodes) {
    if (!('DefElem' in node)) continue
    const { defname = '', arg } = node.DefElem
    if (seen.has(defname)) fail('42601', 'conflicting or redundant options')
    seen.add(defname)
    const name = allowed.find(each => each === defname)
    if (name) options[keys[name]] = readOption(name, arg)
    else refuseUnplayed(defname, argumentText(arg), version)
  }
  return options
}

function refuseUnplayed(name: string, text: string, version: number): void {
  const known = unplayed[name]
  if (!known || known.since > version) fail('42601', `unrecognized subscription parameter: "${name}"`)
  if (!isPlayed(name, text)) fail('0A000', `the option "${name}" of a subscription is not played yet`)
}

function isPlayed(name: string, text: string): boolean {
  const asBoolean = parseBool(text)
  return (asBoolean === undefined ? text.toLowerCase() : String(asBoolean)) === unplayed[name].value
}

export const unplayedOptions: readonly string[] = Object.keys(unplayed)

/** For who looks before a run: whether the option is there and asks for more than is played. */
export function asksForUnplayed(nodes: readonly Node[], name: string, version: number): boolean {
  return nodes.some(
    node =>
      'DefElem' in node &&
      node.DefElem.defname === name &&
      unplayed[name].since <= version &&
      !isPlayed(name, argumentText(node.DefElem.arg)),
  )
}

function readOption(name: OptionName, arg: Node | undefined): unknown {
  const text = argumentText(arg)
  switch (name) {
    case 'slot_name':
      return text === 'none' ? null : text
    case 'synchronous_commit':
      return text
    case 'lsn':
      return text === 'none' ? 0 : readLsn(text)
    default:
      return parseBool(text) ?? fail('42601', `${name} requires a Boolean value`)
  }
}

function readLsn(text: string): number {
  const lsn = lsnType.input(text) as number
  if (lsn === 0) fail('22023', `invalid WAL location (LSN): ${text}`)
  return lsn
}
