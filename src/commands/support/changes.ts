// `--set [node.]setting=value`: changes of the nodes' settings from the command line.

import { changeSettings, type Scenario } from '../../index.ts'
import { UserError } from './command.ts'

/** The scenario with these changes; of all nodes where none is named. */
export function applyChanges(scenario: Scenario, changes: readonly string[]): Scenario {
  let changed = scenario
  for (const change of changes) {
    const match = /^(?:(?<node>[A-Za-z_][\w-]*)\.)?(?<name>[A-Za-z_]\w*)=(?<value>.*)$/s.exec(change)
    if (!match) throw new UserError(`--set ${change}: write [node.]setting=value`)
    const { node, name, value } = match.groups!
    const result = changeSettings(changed, node, name, value)
    if ('complaint' in result) throw new UserError(`--set ${change}: ${result.complaint}`)
    changed = result.scenario
  }
  return changed
}
