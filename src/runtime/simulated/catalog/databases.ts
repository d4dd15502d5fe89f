// The databases that initdb makes.

/** OID of `postgres`, as it is from 15 on. */
export const postgresDatabase = 5
