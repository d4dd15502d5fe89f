// Reads the settings of real servers and writes them down: one --bindir for each major of 15 to 18.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { bundled } from './bundled.js'

const { values } = parseArgs({ options: { bindir: { type: 'string', multiple: true, default: [] } } })
const { factsOf, factsPath, readServer } = await bundled('settings')
const servers = values.bindir.map(readServer)
const majors = servers.map(server => server.major).sort()
if (majors.join() !== '15,16,17,18') throw new Error(`one server of 15, 16, 17 and 18 each is needed, not: ${majors}`)
writeFileSync(factsPath, factsOf(servers))
