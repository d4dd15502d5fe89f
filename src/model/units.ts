// Units of time and size. Time is integer nanoseconds and size is bytes, both as plain numbers.

export const nanosecond = 1
export const microsecond = 1_000
export const millisecond = 1_000_000
export const second = 1_000_000_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** Units of time, in nanoseconds. */
export const timeUnits: Readonly<Record<string, number>> = {
  ns: nanosecond,
  us: microsecond,
  ms: millisecond,
  s: second,
  min: minute,
  h: hour,
  d: day,
}

/** Units of size, in bytes; powers of 1024, as PostgreSQL has them. */
export const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 * 1024,
  GB: 1024 * 1024 * 1024,
  TB: 1024 * 1024 * 1024 * 1024,
}
