// Which parameters of a statement go together, where a word has several forms: `cut power of …`, `cut link between …`.

import type { Form, WordDefinition } from '../../model/vocabulary.ts'
import { list } from '../suggest.ts'
import type { RawStatement } from '../syntax.ts'
import type { Context } from './context.ts'

export function checkForms(
  raw: RawStatement,
  { forms, name }: WordDefinition,
  { led = false }: { readonly led?: boolean },
  { complaints }: Context,
): void {
  const about = raw.about[0]?.text
  const fitting = (forms ?? []).filter(form => form.about === undefined || form.about === about)
  const governed = new Set<string>((forms ?? []).flatMap(allowedIn))
  const given = raw.parameters.filter(({ preposition }) => governed.has(preposition))
  const hasLead = led || raw.at !== undefined || raw.when !== undefined
  const names = given.map(({ preposition }) => preposition)
  if (fitting.length === 0 || fitting.some(form => fits(form, names, hasLead))) return
  const help = `write ${fitting.map(form => written(form, name)).join(', or ')}`
  const what = `\`${[name, fitting.some(form => form.about) ? about : undefined].filter(Boolean).join(' ')}\``
  const foreign = given.find(({ preposition }) => !fitting.some(form => allowedIn(form).includes(preposition)))
  const together = fitting.some(form => names.every(each => allowedIn(form).includes(each)))
  const span = given[0]?.span ?? raw.word!.span
  if (foreign) complaints.add('unknown-parameter', foreign.span, `${what} takes no \`${foreign.preposition}\``, help)
  else if (!together) complaints.add('unknown-parameter', span, `${list(names)} do not go together`, help)
  else if (fitting.some(form => fits(form, names, !hasLead))) {
    complaints.add('misplaced', span, `${list(names)} ${names.length === 1 ? 'does' : 'do'} not go with a lead`, help)
  } else {
    const missing = fitting.flatMap(({ needs }) => needs).filter(each => !names.includes(each))
    const before = names.length === 0 ? what : `${what} with ${list(names)}`
    complaints.add('missing', span, `${before} needs ${list([...new Set(missing)], 'or')}`, help)
  }
}

function allowedIn({ needs, takes = [] }: Form): readonly string[] {
  return [...needs, ...takes]
}

function fits(form: Form, given: readonly string[], hasLead: boolean): boolean {
  if ((form.lead === 'needed' && !hasLead) || (form.lead === 'refused' && hasLead)) return false
  return form.needs.every(each => given.includes(each)) && given.every(each => allowedIn(form).includes(each))
}

function written({ about, needs, takes = [], lead }: Form, name: string): string {
  const parameters = [...needs.map(each => `${each} …`), ...takes.map(each => `[${each} …]`)]
  return `\`${[lead === 'needed' ? 'at …' : undefined, name, about, ...parameters].filter(Boolean).join(' ')}\``
}
