// The port of a backend's client, as the log and ps show it: made up from the backend's pid.

export function clientPort(pid: number): number {
  return 32_768 + (pid % 28_232)
}
