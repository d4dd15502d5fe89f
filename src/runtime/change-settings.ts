// Another value for a setting of a scenario's nodes, as --set asks for.

import type { Scenario, Setting, Statement } from '../model/scenario.ts'
import { diagnoseSettings } from './simulated/settings/diagnose.ts'
import { textOf } from './statement.ts'

/** `node` undefined means every node. `complaint`: why it cannot be. */
export function changeSettings(
  scenario: Scenario,
  node: string | undefined,
  name: string,
  value: string,
): { readonly scenario: Scenario } | { readonly complaint: string } {
  const isMeant = (statement: Statement) =>
    (statement.word === 'node' || statement.word === 'standby') &&
    (node === undefined || textOf(statement.about[0]) === node)
  if (!scenario.cluster.some(isMeant)) return { complaint: `there is no node ${node}` }
  const span = { start: 0, end: 0 }
  const setting: Setting = { name, nameSpan: span, values: [{ type: 'text', text: value, span }] }
  const [wrong] = diagnoseSettings([setting], scenario.postgres)
  if (wrong) return { complaint: wrong.help ? `${wrong.message}. ${wrong.help}` : wrong.message }
  const cluster = scenario.cluster.map(statement => {
    if (!isMeant(statement)) return statement
    const others = statement.settings.filter(each => each.name.toLowerCase() !== name.toLowerCase())
    return { ...statement, settings: [...others, setting] }
  })
  return { scenario: { ...scenario, cluster } }
}
