// Real time: how long something took, and when a person has waited long enough.

const longest = 120e9

/** Nanoseconds that only grow. */
export function stopwatch(): number {
  return Number(process.hrtime.bigint())
}

/** A question that is answered once two minutes have passed since now. */
export function patience(): () => string | undefined {
  const begun = stopwatch()
  return () =>
    stopwatch() - begun > longest ? `it was stopped after ${longest / 1e9} s of real time: it is too long` : undefined
}
