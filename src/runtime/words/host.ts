// The word `host`: read by topology.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const host: WordDefinition = {
  name: 'host',
  summary: 'A machine that nodes run on.',
  example: 'host small { cpus = 2; memory = 4GB; disk = nvme }',
  section: 'cluster',
  lead: 'none',
  about: { type: 'declares', thing: 'host', summary: 'The name of the machine.' },
  settings: {
    cpus: { type: 'number', min: 1, max: 1024, integer: true, optional: true, summary: 'How many processors it has.' },
    memory: {
      type: 'size',
      optional: true,
      summary: 'What its processes and its page cache may have; as much as they want, if left out.',
    },
    overcommit: {
      type: 'keyword',
      choices: ['on', 'off'],
      optional: true,
      summary: 'Whether more memory is promised than there is: if so, who has most is killed when it runs out.',
    },
    disk: {
      type: 'keyword',
      choices: ['nvme', 'ssd', 'hdd'],
      optional: true,
      summary: 'The kind of disk, which decides what a write and an fsync cost.',
    },
  },
}
