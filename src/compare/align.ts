// The longest common subsequence of two sequences: what has kept its order on both sides.

/** Where the middles that differ are longer than this, nothing in them is paired. */
const longest = 3000

/** Pairs of places that hold the same key, growing on both sides. */
export function align(one: readonly string[], other: readonly string[]): readonly (readonly [number, number])[] {
  let head = 0
  while (head < one.length && head < other.length && one[head] === other[head]) head++
  let tail = 0
  const most = Math.min(one.length, other.length) - head
  while (tail < most && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail++
  const pairs: (readonly [number, number])[] = []
  for (let at = 0; at < head; at++) pairs.push([at, at])
  const middle = alignMiddle(one.slice(head, one.length - tail), other.slice(head, other.length - tail))
  for (const [i, j] of middle) pairs.push([i + head, j + head])
  for (let at = tail; at > 0; at--) pairs.push([one.length - at, other.length - at])
  return pairs
}

function alignMiddle(one: readonly string[], other: readonly string[]): readonly (readonly [number, number])[] {
  if (one.length > longest || other.length > longest) return []
  const width = other.length + 1
  /** For each pair of places the length of what their rests have in common. */
  const common = new Uint16Array((one.length + 1) * width)
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      const at = i * width + j
      common[at] = one[i] === other[j] ? common[at + width + 1] + 1 : Math.max(common[at + 1], common[at + width])
    }
  }
  const pairs: (readonly [number, number])[] = []
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    if (one[i] === other[j]) pairs.push([i++, j++])
    else if (common[(i + 1) * width + j] >= common[i * width + j + 1]) i++
    else j++
  }
  return pairs
}
