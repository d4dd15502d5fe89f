// The address of an endpoint, as the log, ps and the statistics views show it. Endpoints have names: the log and ps show
// those, as with log_hostname; the address is made up from the name, the port from the backend's pid.

/** In 10.0.0.0/8, and the same for the same name. */
export function clientAddress(endpoint: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(endpoint)) hash = Math.imul(hash ^ byte, 0x01000193)
  return `10.${(hash >>> 16) & 0xff}.${(hash >>> 8) & 0xff}.${hash & 0xff}`
}

export function clientPort(pid: number): number {
  return 32_768 + (pid % 28_232)
}
