// Every subject of the language. A new one is one entry in its thing's file.

import { clientProperties, clientSets } from './client.ts'
import { nodeNotModelled, nodeProperties, nodeSets } from './node.ts'
import { connections, processSets } from './node-processes.ts'
import { nodeReplication } from './node-replication.ts'
import { stepProperties, stepSets } from './step.ts'
import { topNotModelled, topSets } from './top.ts'

export const propertySubjects = [
  ...nodeProperties,
  ...nodeReplication,
  connections,
  ...clientProperties,
  ...stepProperties,
]
export const eventSets = [...nodeSets, ...clientSets, ...stepSets, ...topSets]
export const stateSets = processSets
export const notModelled = [...nodeNotModelled, ...topNotModelled]
