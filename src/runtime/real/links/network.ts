// The links of every pair of endpoints, and the nodes that are silent. What stands on it (connections, proxies) asks it
// whether anything gets through now.

import type { LinkDeclaration } from '../../engine.ts'
import { Link } from './link.ts'

export class Network {
  private readonly links = new Map<string, Link>()
  private readonly silent = new Set<string>()

  constructor(declared: readonly LinkDeclaration[]) {
    for (const link of declared) this.links.set(pair(...link.ends), new Link(link))
  }

  /** Pairs that nobody declared have a link that costs nothing. */
  link(a: string, b: string): Link {
    const name = pair(a, b)
    let link = this.links.get(name)
    if (!link) {
      link = new Link({})
      this.links.set(name, link)
    }
    return link
  }

  isSilent(endpoint: string): boolean {
    return this.silent.has(endpoint)
  }

  silence(endpoint: string): void {
    this.silent.add(endpoint)
  }

  unsilence(endpoint: string): void {
    this.silent.delete(endpoint)
  }

  /** Whether a packet gets there and its answer comes back. */
  isReachable(from: string, to: string): boolean {
    const link = this.link(from, to)
    return !this.isSilent(from) && !this.isSilent(to) && !link.isCut(from) && !link.isCut(to)
  }
}

function pair(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
