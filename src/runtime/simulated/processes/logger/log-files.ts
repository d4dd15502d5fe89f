// The logger's files: their names, when they are followed by new ones, and current_logfiles, which names them. Mirrors
// logfile_rotate, logfile_getname, set_next_rotation_time and update_metainfo_datafile of syslogger.c.

import { second } from '../../../../model/units.ts'
import { FileError } from '../../machine/file-error.ts'
import type { Process } from '../../machine/process.ts'
import type { Volume } from '../../machine/volume.ts'
import type { Settings } from '../../settings/settings.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import { type LogDestination, logDestinations } from '../../shared/logging/formats.ts'
import { destinationsOf } from '../../shared/logging/log-formatter.ts'
import { fillPattern } from '../../shared/logging/log-time.ts'

export const currentLogFiles = 'current_logfiles'

const extensions: Readonly<Record<LogDestination, string | undefined>> = {
  stderr: undefined,
  csvlog: '.csv',
  jsonlog: '.json',
}

export class LogFiles {
  private readonly me: Process
  /** Of the log. */
  private readonly volume: Volume
  /** Of current_logfiles. */
  private readonly data: Volume
  private readonly settings: Settings
  /** Of those that are open: the text log always is, for whatever has no other place. */
  private readonly names = new Map<LogDestination, string>()
  private rotateAt = Number.POSITIVE_INFINITY
  private pattern: string
  private age: number

  /** `since`: the moment in the names of the first files, which outlives a logger that is killed. */
  constructor(me: Process, { logVolume, data, settings }: ServerEnvironment, since: number) {
    this.me = me
    this.volume = logVolume
    this.data = data
    this.settings = settings
    this.pattern = this.namePattern()
    this.age = settings.get('log_rotation_age')
    for (const destination of this.wanted()) this.open(destination, since, false)
    this.planRotation()
    this.writeCurrent()
  }

  /** When the next rotation by age is due. */
  get nextRotation(): number {
    return this.rotateAt
  }

  /** Whether a text of so many bytes would get there whole. */
  hasRoom(destination: LogDestination, bytes: number): boolean {
    return this.volume.hasRoom(this.nameOf(destination), bytes)
  }

  write(destination: LogDestination, text: string): void {
    const name = this.nameOf(destination)
    try {
      this.volume.write(this.me, name, this.volume.sizeOf(name)!, new TextEncoder().encode(text))
    } catch (error) {
      // The logger says so on the terminal that the server was started from: the line is lost, but for its beginning.
      if (!(error instanceof FileError)) throw error
    }
  }

  /** After a reload: another pattern, or a format more or less, begins new files at once. */
  reload(): void {
    const pattern = this.namePattern()
    const isOther = pattern !== this.pattern
    this.pattern = pattern
    const wanted = this.wanted()
    if (isOther || logDestinations.some(each => wanted.includes(each) !== this.names.has(each))) this.rotate()
    const age = this.settings.get('log_rotation_age')
    if (age !== this.age) {
      this.age = age
      this.planRotation()
    }
    this.writeCurrent()
  }

  rotateIfDue(): void {
    if (this.me.now() >= this.rotateAt) return this.rotateByAge()
    const limit = this.settings.get('log_rotation_size')
    if (limit <= 0) return
    const full = [...this.names].filter(([, name]) => this.volume.sizeOf(name)! >= limit)
    if (full.length > 0) this.rotate(full.map(([destination]) => destination))
  }

  /** Those in `which` go on in new files, if the time gives them new names. */
  rotate(which: readonly LogDestination[] = logDestinations): void {
    const wanted = this.wanted()
    for (const destination of logDestinations) {
      if (!wanted.includes(destination)) this.names.delete(destination)
      else if (which.includes(destination)) this.open(destination, this.me.now(), false)
    }
    this.planRotation()
    this.writeCurrent()
  }

  /** The names have the planned time in them, not that at which the logger got to it. */
  private rotateByAge(): void {
    const truncate = this.settings.get('log_truncate_on_rotation')
    for (const destination of this.wanted()) this.open(destination, this.rotateAt, truncate)
    this.planRotation()
    this.writeCurrent()
  }

  private nameOf(destination: LogDestination): string {
    return this.names.get(destination) ?? this.names.get('stderr')!
  }

  private open(destination: LogDestination, at: number, truncate: boolean): void {
    const plain = fillPattern(this.pattern, at)
    const extension = extensions[destination]
    const name = extension === undefined ? plain : `${plain.replace(/\.log$/, '')}${extension}`
    const isOther = this.names.get(destination) !== name
    if (!this.volume.exists(name) || (truncate && isOther)) this.volume.create(name)
    this.names.set(destination, name)
  }

  private wanted(): readonly LogDestination[] {
    const destinations = destinationsOf(this.settings)
    return destinations.includes('stderr') ? destinations : ['stderr', ...destinations]
  }

  private namePattern(): string {
    return `${this.settings.get('log_directory')}/${this.settings.get('log_filename')}`
  }

  /** At the next multiple of the interval, in whole seconds. */
  private planRotation(): void {
    if (this.age <= 0) {
      this.rotateAt = Number.POSITIVE_INFINITY
      return
    }
    const now = Math.floor(this.me.now() / second) * second
    this.rotateAt = Math.floor(now / this.age) * this.age + this.age
  }

  private writeCurrent(): void {
    const { data, me } = this
    const lines = destinationsOf(this.settings).map(each => `${each} ${this.names.get(each)}\n`)
    if (lines.length === 0) return data.remove(currentLogFiles)
    const temporary = `${currentLogFiles}.tmp`
    data.create(temporary)
    try {
      data.write(me, temporary, 0, new TextEncoder().encode(lines.join('')))
    } catch (error) {
      // The old one stays; what the logger would say of it goes the way of all lines.
      if (!(error instanceof FileError)) throw error
      return
    }
    data.rename(temporary, currentLogFiles)
  }
}
