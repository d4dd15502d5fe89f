// The word `link`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const link: WordDefinition = {
  name: 'link',
  summary: 'The network between two machines. Any two have one; this says how good it is.',
  example: 'link wan between primary, s2 { latency = 5ms; jitter = 1ms }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'declares', thing: 'link', summary: 'The name of the link.' },
  parameters: {
    between: { type: 'refers', things: ['node', 'host', 'client'], list: true, count: 2, summary: 'Its two ends.' },
  },
  settings: {
    latency: { type: 'duration', optional: true, summary: 'How long a packet travels, one way.' },
    jitter: { type: 'duration', optional: true, summary: 'By how much that varies.' },
    loss: { type: 'percent', optional: true, summary: 'How many packets are lost, and sent again.' },
    bandwidth: { type: 'bandwidth', optional: true, summary: 'How much it carries.' },
  },
}
