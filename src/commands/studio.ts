// pgdrill studio: the playground in a browser, served to this machine alone, or written as a site.

import { spawn } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { PgdrillCommand, UserError } from './support/command.ts'
import { fileError } from './support/files.ts'
import { type StudioServer, serveStudio } from './support/studio-server.ts'

export default class Studio extends PgdrillCommand {
  static override summary = 'Open the playground: write a scenario, and see what comes of it as you type.'
  static override description =
    `The page is served to this machine alone, and everything happens in it: scenarios are played in
the browser, and nothing leaves the page. With --out it is written as a site that any host can serve.`
  static override examples = ['<%= config.bin %> studio --open', '<%= config.bin %> studio --out public']
  static override flags = {
    port: Flags.integer({ description: 'The port; any that is free if left out.', min: 1, max: 65535 }),
    open: Flags.boolean({ description: 'Open it in the browser.' }),
    out: Flags.string({
      description: 'Write the site into this folder, and serve nothing.',
      exclusive: ['port', 'open'],
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Studio)
    const site = join(this.config.root, 'dist', 'studio')
    if (!existsSync(site)) throw new UserError('the playground was not built: npm run build')
    if (flags.out !== undefined) return this.copy(site, flags.out)
    const server = await this.serve(site, flags.port ?? 0)
    this.write(`The playground is at ${server.url}\nCtrl-C ends it.\n`)
    if (flags.open) openInBrowser(server.url)
    await interrupted()
    await server.close()
    return { url: server.url }
  }

  private copy(site: string, out: string): unknown {
    try {
      cpSync(site, out, { recursive: true })
    } catch (error) {
      throw fileError(out, error)
    }
    this.write(`${out}: any host can serve it\n`)
    return { out }
  }

  private async serve(site: string, port: number): Promise<StudioServer> {
    try {
      return await serveStudio(site, port)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE') throw new UserError(`port ${port} is taken: leave --port out for one that is free`)
      if (code === 'EACCES') throw new UserError(`port ${port} may not be used`)
      throw error
    }
  }
}

function interrupted(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

/** Where there is none, the address stands on the terminal. */
function openInBrowser(url: string): void {
  const [command, ...options] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start'] : ['xdg-open']
  const child = spawn(command, [...options, url], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
