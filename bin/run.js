#!/usr/bin/env node

import { setFlagsFromString } from 'node:v8'

// PostgreSQL's grammar is WebAssembly that runs for milliseconds: optimising it costs more than it gives, and Node
// would wait for that at the end.
setFlagsFromString('--liftoff-only')

const { execute } = await import('../dist/oclif.js')
await execute({ dir: import.meta.url })
// A pipe takes 64 kB at once: what it has not taken yet would be lost.
for (const stream of [process.stdout, process.stderr]) await new Promise(done => stream.write('', done))
process.exit()
