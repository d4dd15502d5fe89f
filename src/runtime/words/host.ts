// The word `host`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const host: WordDefinition = {
  name: 'host',
  summary: 'A machine that nodes run on.',
  example: 'host small { cpus = 2; disk = nvme }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'declares', thing: 'host', summary: 'The name of the machine.' },
  settings: {
    cpus: { type: 'number', min: 1, max: 1024, integer: true, optional: true, summary: 'How many processors it has.' },
    memory: {
      type: 'size',
      optional: true,
      summary: 'Its main memory.',
      notModelled: 'memory that runs short is not played yet',
    },
    disk: {
      type: 'keyword',
      choices: ['nvme', 'ssd', 'hdd'],
      optional: true,
      summary: 'The kind of disk, which decides what a write and an fsync cost.',
    },
  },
}
