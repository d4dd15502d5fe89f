// A pgbench script, compiled: a flat list of commands, with jumps for \if. What pgbench knows and pgdrill does not play
// is refused by name. Whether the SQL is valid is left to PostgreSQL's grammar.

import type { Diagnostic } from '../../../model/diagnostic.ts'
import type { Script } from '../../../model/scenario.ts'
import { compileExpression, type Evaluate, ExpressionError } from './expression.ts'
import { type Meta, split } from './split.ts'
import { Template } from './template.ts'

export type Command =
  | {
      readonly kind: 'sql'
      readonly template: Template
      /** The statement's place in the script. */
      readonly start: number
      readonly end: number
      /** \gset: the columns of the one row become variables, with this before their names. */
      readonly capture?: { readonly prefix: string }
    }
  | { readonly kind: 'set'; readonly variable: string; readonly value: Evaluate }
  /** `unit` in nanoseconds. */
  | { readonly kind: 'sleep'; readonly amount: Evaluate; readonly unit: number }
  /** Goes on at command number `to`, if the condition is false or missing. */
  | { readonly kind: 'jump'; to: number; readonly unless?: Evaluate }

export interface CompiledScript {
  readonly commands: readonly Command[]
  readonly diagnostics: readonly Diagnostic[]
}

const refused: Readonly<Record<string, string>> = {
  startpipeline: 'pipelines are not played yet',
  syncpipeline: 'pipelines are not played yet',
  endpipeline: 'pipelines are not played yet',
  aset: '\\aset is not played yet',
  shell: 'a drill runs no shell commands',
  setshell: 'a drill runs no shell commands',
}

const known = ['set', 'sleep', 'if', 'elif', 'else', 'endif', 'gset']

const sleepUnits: Readonly<Record<string, number>> = { us: 1_000, ms: 1_000_000, s: 1_000_000_000 }

export function compileScript(script: Script): CompiledScript {
  return new Compiler(script).compile()
}

/** What an \if has open: jumps that are to be aimed at its branches and its end. */
interface OpenIf {
  readonly meta: Meta
  /** Skips the branch that is being read. */
  next: { to: number } | undefined
  readonly toEnd: { to: number }[]
  seenElse: boolean
}

class Compiler {
  private readonly script: Script
  private readonly commands: Command[] = []
  private readonly diagnostics: Diagnostic[] = []
  private readonly open: OpenIf[] = []

  constructor(script: Script) {
    this.script = script
  }

  compile(): CompiledScript {
    for (const piece of split(this.script.text)) {
      if (piece.kind === 'meta') this.guard(piece, () => this.meta(piece))
      else {
        const capture = piece.capture
        if (capture?.name === 'aset') this.complain(capture.start, capture.nameEnd, refused.aset, 'not-modelled')
        this.commands.push({
          kind: 'sql',
          template: new Template(piece.text),
          start: piece.start,
          end: piece.end,
          ...(capture ? { capture: { prefix: this.argumentsOf(capture)[0]?.text ?? '' } } : {}),
        })
      }
    }
    for (const { meta } of this.open) this.complain(meta.start, meta.nameEnd, '\\if without \\endif', 'script')
    return { commands: this.commands, diagnostics: this.diagnostics }
  }

  private guard(meta: Meta, action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      this.complain(Math.min(error.start, meta.end), error.end, error.message, 'script', error.help)
    }
  }

  private meta(meta: Meta): void {
    switch (meta.name) {
      case 'set':
        return this.set(meta)
      case 'sleep':
        return this.sleep(meta)
      case 'if':
        return this.if(meta)
      case 'elif':
      case 'else':
        return this.branch(meta)
      case 'endif':
        return this.endif(meta)
      default:
        if (Object.hasOwn(refused, meta.name)) {
          this.complain(meta.start, meta.nameEnd, refused[meta.name], 'not-modelled')
        } else {
          const help = `pgbench knows ${known.map(name => `\\${name}`).join(', ')}`
          this.complain(meta.start, meta.nameEnd, `\\${meta.name} is no command of pgbench`, 'script', help)
        }
    }
  }

  private set(meta: Meta): void {
    const [name] = this.argumentsOf(meta)
    if (!name) throw new ExpressionError('\\set needs a variable and an expression', meta, '\\set id random(1, 1000)')
    if (!/^[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*$/.test(name.text)) {
      throw new ExpressionError(
        `"${name.text}" cannot be the name of a variable`,
        name,
        'the colon is for its use only',
      )
    }
    const value = compileExpression(this.script.text, name.end, meta.end)
    this.commands.push({ kind: 'set', variable: name.text, value })
  }

  private sleep(meta: Meta): void {
    const [amount, unit, more] = this.argumentsOf(meta)
    if (!amount || more) throw new ExpressionError('\\sleep needs a number and a unit', meta, '\\sleep 10 ms')
    // `\sleep 10ms` is pgbench's, too.
    const joined = /^(\d+)(us|ms|s)$/i.exec(amount.text)
    const name = (unit?.text ?? joined?.[2] ?? 's').toLowerCase()
    if (!Object.hasOwn(sleepUnits, name)) {
      throw new ExpressionError(`"${unit?.text}" is no unit of \\sleep`, unit ?? amount, 'us, ms or s')
    }
    const end = joined ? amount.start + joined[1].length : amount.end
    this.commands.push({
      kind: 'sleep',
      amount: compileExpression(this.script.text, amount.start, end),
      unit: sleepUnits[name],
    })
  }

  private if(meta: Meta): void {
    this.open.push({ meta, next: this.jumpUnless(meta), toEnd: [], seenElse: false })
  }

  private branch(meta: Meta): void {
    const open = this.open.at(-1)
    if (!open) throw new ExpressionError(`\\${meta.name} without \\if`, { start: meta.start, end: meta.nameEnd })
    if (open.seenElse)
      throw new ExpressionError(`\\${meta.name} after \\else`, { start: meta.start, end: meta.nameEnd })
    const toEnd = { kind: 'jump' as const, to: -1 }
    this.commands.push(toEnd)
    open.toEnd.push(toEnd)
    if (open.next) open.next.to = this.commands.length
    open.next = meta.name === 'elif' ? this.jumpUnless(meta) : undefined
    if (meta.name === 'else') open.seenElse = true
  }

  private endif(meta: Meta): void {
    const open = this.open.pop()
    if (!open) throw new ExpressionError('\\endif without \\if', { start: meta.start, end: meta.nameEnd })
    if (open.next) open.next.to = this.commands.length
    for (const jump of open.toEnd) jump.to = this.commands.length
  }

  private jumpUnless(meta: Meta): { to: number } {
    const jump = { kind: 'jump' as const, to: -1, unless: compileExpression(this.script.text, meta.nameEnd, meta.end) }
    this.commands.push(jump)
    return jump
  }

  private argumentsOf(meta: Meta): { readonly text: string; readonly start: number; readonly end: number }[] {
    const text = this.script.text.slice(meta.nameEnd, meta.end)
    return [...text.matchAll(/[^\s\\]+/g)].map(({ 0: word, index }) => ({
      text: word,
      start: meta.nameEnd + index,
      end: meta.nameEnd + index + word.length,
    }))
  }

  private complain(start: number, end: number, message: string, code: 'script' | 'not-modelled', help?: string): void {
    const span = { start: sourceOffset(this.script, start), end: sourceOffset(this.script, end) }
    this.diagnostics.push({ code, span, message, ...(help ? { help } : {}) })
  }
}

/** The place in the scenario's source of an offset in a script. */
export function sourceOffset(script: Script, offset: number): number {
  const before = script.text.slice(0, offset)
  const line = before.split('\n').length - 1
  const column = offset - (before.lastIndexOf('\n') + 1)
  return (script.lineStarts[line] ?? script.span.start) + column
}
