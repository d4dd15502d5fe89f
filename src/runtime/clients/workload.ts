// What a client runs: its scripts, compiled once for all clients of the name, each drawn by its weight.

import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Script, Statement } from '../../model/scenario.ts'
import type { Random } from '../simulated/kernel/random.ts'
import { numberOf, setting, textOf } from '../statement.ts'
import { builtins } from './pgbench/builtins.ts'
import { type Command, compileScript } from './pgbench/script.ts'

export interface WeightedScript {
  readonly weight: number
  readonly commands: readonly Command[]
}

export interface Workload {
  readonly scripts: readonly WeightedScript[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Of a `client` statement: its script, or those of its `workload` statements. */
export function workloadOf(client: Statement): Workload {
  const scripts: WeightedScript[] = []
  const diagnostics: Diagnostic[] = []
  const add = (script: Script, weight: number) => {
    const compiled = compileScript(script)
    scripts.push({ weight, commands: compiled.commands })
    diagnostics.push(...compiled.diagnostics)
  }
  if (client.script) add(client.script, 1)
  for (const statement of client.body) {
    if (statement.word !== 'workload') continue
    const weight = numberOf(setting(statement, 'weight')) ?? 1
    add(statement.script ?? builtin(textOf(statement.about[0])!, statement), weight)
  }
  return { scripts, diagnostics }
}

/** One of them, the more likely the more it weighs. */
export function drawScript(scripts: readonly WeightedScript[], random: Random): WeightedScript {
  if (scripts.length === 1) return scripts[0]
  const total = scripts.reduce((sum, { weight }) => sum + weight, 0)
  let drawn = random.integer(1, total)
  for (const script of scripts) {
    drawn -= script.weight
    if (drawn <= 0) return script
  }
  return scripts[0]
}

function builtin(name: string, { span }: Statement): Script {
  const text = builtins[name]
  return { text, span, lineStarts: text.split('\n').map(() => span.start) }
}
