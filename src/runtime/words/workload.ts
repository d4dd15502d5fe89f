// The word `workload`: read by clients/workload.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const workload: WordDefinition = {
  name: 'workload',
  summary: 'One of several transaction scripts of a client, drawn by weight.',
  example: 'client teller on primary { workload tpcb-like { weight = 3 }; workload select-only }',
  section: 'clients',
  inside: ['client'],
  lead: 'none',
  about: { type: 'name', summary: "A name, or one of pgbench's built-in scripts." },
  settings: {
    weight: { type: 'number', min: 1, integer: true, optional: true, summary: 'How often it is drawn; 1 if left out.' },
  },
  script: { language: 'pgbench', unless: { about: ['tpcb-like', 'simple-update', 'select-only'] } },
}
