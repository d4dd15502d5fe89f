// Writes what the vocabulary generates.

import { readFileSync, writeFileSync } from 'node:fs'
import { bundled } from './bundled.js'

const { generated } = await bundled('schemas')
for (const [path, text] of generated(path => readFileSync(path, 'utf8'))) writeFileSync(path, text)
