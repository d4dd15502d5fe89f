// Finding places in what is ordered by time.

/** The place of the first that is greater than `value`. */
export function firstAfter(ordered: ArrayLike<number>, value: number): number {
  let [low, high] = [0, ordered.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ordered[middle] <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** The place of the first that is not less than `value`. */
export function firstFrom(ordered: ArrayLike<number>, value: number): number {
  let [low, high] = [0, ordered.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ordered[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The last one that was told no later than `time`. */
export function lastAt<T extends { readonly time: number }>(ordered: readonly T[], time: number): T | undefined {
  let [low, high] = [0, ordered.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ordered[middle].time <= time) low = middle + 1
    else high = middle
  }
  return ordered[low - 1]
}
