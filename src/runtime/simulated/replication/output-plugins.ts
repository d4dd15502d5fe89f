// The output plugins that a logical slot may have: what each makes of the changes is in logical/.

export const outputPlugins = ['pgoutput', 'test_decoding'] as const

export type OutputPluginName = (typeof outputPlugins)[number]

export function isOutputPlugin(name: string): name is OutputPluginName {
  return (outputPlugins as readonly string[]).includes(name)
}
