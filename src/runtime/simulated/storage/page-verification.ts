// Whether a page that comes from the disk can be one: a look at its header. Mirrors PageIsVerifiedExtended; without
// checksums, which are looked at elsewhere, a page that was torn goes unnoticed if its header is whole.

import { type Page, pageFlag, pageSize } from './page.ts'

const allFlags = pageFlag.hasFreeLines | pageFlag.full | pageFlag.allVisible

/** Whether the page is damaged. A page of zeros is one that was never used. */
export function isDamaged(page: Page): boolean {
  if (page.isNew) return page.bytes.some(byte => byte !== 0)
  const { flags, lower, upper, special } = page
  const isSound =
    (flags & ~allFlags) === 0 && lower <= upper && upper <= special && special <= pageSize && special % 8 === 0
  return !isSound
}
