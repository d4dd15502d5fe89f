// The text report of one comparison: the checks of both sides, where the logs part, what happened more often on one
// side, and what could not be compared.

import { padEnd, type Styles, widthOf } from '../report/index.ts'
import { type CheckComparison, type Comparison, type EventCount, isDifference } from './comparison.ts'
import { sideBySide, wrapped } from './side-by-side.ts'

export interface TextOptions {
  readonly styles: Styles
  /** Columns that a line may take. */
  readonly width: number
}

const widestTitle = 44

/** Lines without their ends. */
export function textOf(comparison: Comparison, options: TextOptions): readonly string[] {
  const server = serverName(comparison)
  const parts = [
    headRows(comparison, options),
    checkRows(comparison, options),
    ...logRows(comparison, server, options),
    eventRows(comparison, server, options),
    shortfallRows(comparison, options),
    unstableRows(comparison, options),
    toleratedRows(comparison, options),
    [`  ${(comparison.agrees ? options.styles.held : options.styles.failed)(totalOf(comparison))}`],
  ]
  return parts.filter(part => part.length > 0).flatMap((part, at) => (at === 0 ? part : ['', ...part]))
}

/** "PostgreSQL 15.18". */
export function serverName({ server, postgres }: Comparison): string {
  return `PostgreSQL ${server ?? postgres}`
}

/** The scenario, and what tells this comparison from the others of its file. */
export function nameOf({ title, variant, permutation }: Comparison): string {
  const parts = Object.entries(variant).map(([name, value]) => `${name} = ${value}`)
  if (permutation !== undefined) parts.push(`permutation ${permutation}`)
  return parts.length === 0 ? title : `${title} (${parts.join(', ')})`
}

function headRows(comparison: Comparison, { styles, width }: TextOptions): readonly string[] {
  const { seed, repeats } = comparison
  const often = repeats === 1 ? '' : ` · ${repeats} times`
  const facts = `simulated and ${serverName(comparison)} · seed ${seed}${often}`
  const title = nameOf(comparison)
  const gap = width - widthOf(title) - widthOf(facts)
  if (gap < 2) return [styles.title(title), styles.faint(facts)]
  return [`${styles.title(title)}${' '.repeat(gap)}${styles.faint(facts)}`]
}

function checkRows({ checks, file, repeats }: Comparison, { styles, width }: TextOptions): readonly string[] {
  const titles = Math.min(widestTitle, Math.max(0, ...checks.map(({ title }) => widthOf(title))))
  return checks.flatMap(check => {
    const { result, title, line, reason, simulated, real } = check
    const place = `${file}:${line}`
    const [mark, style] = {
      'both hold': ['✓', styles.held] as const,
      'both fail': ['=', styles.held] as const,
      differs: ['✗', styles.failed] as const,
      skipped: ['○', styles.faint] as const,
    }[result]
    const says = `${padEnd(title, titles)}  ${result}${repeats > 1 ? ofRepeats(check) : ''}`
    const gap = ' '.repeat(Math.max(2, width - 4 - widthOf(says) - widthOf(place)))
    const rows = [`  ${style(`${mark} ${says}`)}${gap}${styles.faint(place)}`]
    if (result === 'both hold') return rows
    const field = (name: string, text: string) => {
      const lines = wrapped(text, width - 18)
      rows.push(...lines.map((each, at) => `      ${styles.faint((at === 0 ? name : '').padEnd(12))}${each}`))
    }
    if (reason !== undefined) field('because', reason)
    field('simulated', `${simulated.outcome}${simulated.actual === '' ? '' : `: ${simulated.actual}`}`)
    for (const each of real) field('real', `${each.outcome}${each.actual === '' ? '' : `: ${each.actual}`}`)
    return rows
  })
}

function ofRepeats({ heldOn, real }: CheckComparison): string {
  if (heldOn === real.length || heldOn === 0) return ', stable'
  return `, holds on ${heldOn} of ${real.length}`
}

/** Of the first repeat in which something differs that the others have too. */
function logRows({ rounds, differences }: Comparison, server: string, { styles, width }: TextOptions) {
  if (!differences.some(({ kind }) => kind === 'log' || kind === 'order')) return []
  return rounds[0].logs.map(phase => sideBySide(phase, server, styles, width))
}

function eventRows({ rounds }: Comparison, server: string, { styles, width }: TextOptions): readonly string[] {
  const open = rounds[0].events.filter(isDifference)
  if (open.length === 0) return []
  const name = (event: EventCount) => [event.place, event.process, event.text].filter(part => part !== '').join(' ')
  const names = Math.min(width - 30, Math.max(...open.map(event => widthOf(name(event)))))
  const right = Math.max(6, widthOf(server))
  return [
    styles.title('  What happened more often on one side'),
    `    ${' '.repeat(names)}  simulated  ${server}`,
    ...open.flatMap(event => {
      const lines = wrapped(name(event), names)
      const last = `${padEnd(lines.at(-1)!, names)}  ${String(event.simulated).padStart(9)}  ${String(event.real).padStart(right)}`
      const details = (event.details ?? []).map(
        ({ name: detail, simulated = 'none', real = 'none' }) =>
          `      ${detail}: simulated ${simulated}, real ${real}`,
      )
      const why = event.mark === 'moved' ? ['      in another order'] : []
      return [...lines.slice(0, -1).map(each => `    ${each}`), `    ${styles.failed(last)}`, ...details, ...why]
    }),
  ]
}

function shortfallRows({ shortfalls }: Comparison, { styles, width }: TextOptions): readonly string[] {
  return shortfalls.flatMap(({ kind, text, reason }) => {
    const says = kind === 'skipped' ? `${text} is skipped: ${reason}` : `${text} is done in part: ${reason}`
    return wrapped(says, width - 4).map((each, at) => `  ${styles.faint(`${at === 0 ? '○' : ' '} ${each}`)}`)
  })
}

function unstableRows({ unstable, repeats }: Comparison, { styles, width }: TextOptions): readonly string[] {
  if (unstable.length === 0) return []
  return [
    styles.title('  Where the real servers differ among themselves'),
    ...unstable.flatMap(({ place, text, mark, seen }) =>
      wrapped(`${mark} on ${seen} of ${repeats}: ${place} ${text.replaceAll(/\s+/g, ' ')}`, width - 6).map(
        (each, at) => `    ${at === 0 ? each : `  ${each}`}`,
      ),
    ),
  ]
}

function toleratedRows({ tolerated }: Comparison, { styles, width }: TextOptions): readonly string[] {
  if (tolerated.length === 0) return []
  const all = tolerated.map(({ rule, times }) => (times === 1 ? rule : `${rule} ×${times}`)).join(', ')
  return wrapped(`tolerated: ${all}`, width - 4).map((each, at) => `  ${styles.faint(at === 0 ? each : `  ${each}`)}`)
}

/** "5 checks agree · 2 differences". */
export function totalOf({ checks, differences }: Comparison): string {
  const count = (many: number, name: string) => `${many} ${name}${many === 1 ? '' : 's'}`
  const skipped = checks.filter(({ result }) => result === 'skipped').length
  const agreed = checks.filter(({ result }) => result === 'both hold' || result === 'both fail').length
  const parts = [
    checks.length === 0
      ? 'no checks'
      : `${agreed} of ${count(checks.length, 'check')} ${agreed === 1 ? 'agrees' : 'agree'}`,
  ]
  if (skipped > 0) parts.push(`${skipped} skipped`)
  parts.push(differences.length === 0 ? 'nothing differs' : count(differences.length, 'difference'))
  return parts.join(' · ')
}
