// Whether a thing of the scenario was ever there: a check of something that never existed must not be green.

import type { EventKind, TraceEvent } from '../../model/trace.ts'
import type { Concerns, Target } from './subject.ts'

export type SubjectThing = 'node' | 'client' | 'step' | 'session' | 'label' | 'top'

export const onNode: Concerns = (event, target) => event.node === target.name

export const ofClient: Concerns = (event, target) => {
  const { client, index } = event as TraceEvent<'client.acknowledged'>
  return client === target.name && (target.index === undefined || index === target.index)
}

export const ofStep: Concerns = (event, target) => (event as TraceEvent<'step.started'>).step === target.name

const signs: Readonly<Record<SubjectThing, { readonly kinds: readonly EventKind[]; readonly concerns: Concerns }>> = {
  node: { kinds: ['node.starting', 'node.accepting', 'process.started'], concerns: onNode },
  client: { kinds: ['client.connected', 'client.acknowledged', 'client.error'], concerns: ofClient },
  step: { kinds: ['step.started'], concerns: ofStep },
  session: { kinds: [], concerns: () => false },
  label: { kinds: [], concerns: () => false },
  top: { kinds: [], concerns: () => false },
}

export class Presence {
  readonly kinds: readonly EventKind[]
  seen: boolean
  readonly phrase: string
  private readonly concerns: Concerns
  private readonly target: Target

  constructor(of: SubjectThing, target: Target) {
    this.kinds = signs[of].kinds
    this.concerns = signs[of].concerns
    this.seen = this.kinds.length === 0
    this.target = target
    const name = target.index === undefined ? target.name : `${target.name}[${target.index}]`
    this.phrase = `${of} ${name} ${of === 'step' ? 'was never played' : 'was never there'}`
  }

  feed(event: TraceEvent): void {
    if (!this.seen && this.concerns(event, this.target)) this.seen = true
  }
}
