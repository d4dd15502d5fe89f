// The output plugin of a slot whose consumer reads text: SQL's functions and pg_recvlogical.

import type { OutputPluginName } from '../replication/output-plugins.ts'
import { fail, PostgresError } from '../shared/error.ts'
import { type DecodedLine, type PluginOptions, TestDecoding } from './test-decoding.ts'

/** Errors of its options come with the slot's name. What pgoutput makes is nobody's to read here. */
export function textPlugin(
  slot: string,
  plugin: OutputPluginName,
  options: PluginOptions,
  write: (line: DecodedLine) => void,
): TestDecoding {
  try {
    if (plugin === 'pgoutput' && !options.has('proto_version')) {
      fail('0A000', 'client sent proto_version=0 but we only support protocol 1 or higher')
    }
    return new TestDecoding(plugin === 'pgoutput' ? new Map() : options, write)
  } catch (error) {
    if (error instanceof PostgresError) {
      error.context = `slot "${slot}", output plugin "${plugin}", in the startup callback`
    }
    throw error
  }
}
