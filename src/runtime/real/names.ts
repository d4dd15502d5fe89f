// What real servers say in addresses, ports and folders of this machine is told in the scenario's names, as the
// simulated engine says it: `127.0.0.1(54321)` is `visitor[0](54321)`, `"127.0.0.1", port 40001` is `"primary", port 5432`.

/** The port that every node is said to have. */
export const toldPort = 5432

const places: readonly { readonly pattern: RegExp; readonly told: (name: string, port: string | number) => string }[] =
  [
    { pattern: /\b127\.0\.0\.1\((\d+)\)/g, told: (name, port) => `${name}(${port})` },
    { pattern: /\bhost=127\.0\.0\.1 port=(\d+)/g, told: (name, port) => `host=${name} port=${port}` },
    { pattern: /"127\.0\.0\.1"(?: \(127\.0\.0\.1\))?, port (\d+)/g, told: (name, port) => `"${name}", port ${port}` },
  ]

export class Names {
  /** By the port that the client's end has; a port that is used again has a new owner. */
  private readonly endpoints = new Map<number, string>()
  private readonly nodes = new Map<number, string>()
  /** The longest first, so that a folder in another has its own name. */
  private folders: readonly (readonly [string, string])[] = []

  /** The client's end of a connection has this port. */
  client(port: number, endpoint: string): void {
    this.endpoints.set(port, endpoint)
  }

  /** The node listens on this port, or a proxy does that leads to it. */
  server(port: number, node: string): void {
    this.nodes.set(port, node)
  }

  /** What is below this folder is told as being below another. */
  folder(path: string, told: string): void {
    const others = this.folders.filter(([known]) => known !== path)
    this.folders = [...others, [path, told] as const].sort(([a], [b]) => b.length - a.length)
  }

  /** Whose connection has this port at its client's end; undefined if nobody has said so yet. */
  endpoint(port: number): string | undefined {
    return this.endpoints.get(port)
  }

  /** Addresses that nobody has named stay as they are. */
  translate(text: string): string {
    let told = text
    for (const [path, name] of this.folders) if (told.includes(path)) told = told.replaceAll(path, name)
    if (told.includes('.s.PGSQL.')) told = this.translateSocket(told)
    if (told.includes('postmaster already running on port ')) told = this.translatePort(told)
    return told.includes('127.0.0.1') ? this.translateAddresses(told) : told
  }

  private translateSocket(text: string): string {
    return text.replace(/\.s\.PGSQL\.(\d+)/g, (all, port) =>
      this.nodes.has(Number(port)) ? `.s.PGSQL.${toldPort}` : all,
    )
  }

  private translatePort(text: string): string {
    return text.replace(/(?<=running on port )\d+/, port => (this.nodes.has(Number(port)) ? `${toldPort}` : port))
  }

  private translateAddresses(text: string): string {
    // A simulated server listens on every address.
    let told = text
      .replace(/IPv4 address "127\.0\.0\.1", port (\d+)/g, (all, port) =>
        this.nodes.has(Number(port)) ? `IPv4 address "0.0.0.0", port ${toldPort}` : all,
      )
      .replace(/(could not bind IPv4 address|could not create listen socket for) "127\.0\.0\.1"/, '$1 "0.0.0.0"')
    for (const { pattern, told: phrase } of places) {
      told = told.replace(pattern, (all, digits) => {
        const port = Number(digits)
        const node = this.nodes.get(port)
        if (node !== undefined) return phrase(node, toldPort)
        const endpoint = this.endpoints.get(port)
        return endpoint === undefined ? all : phrase(endpoint, port)
      })
    }
    return told
  }
}
