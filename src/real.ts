// The library's second door: scenarios on real servers. It stands apart, so that who only simulates loads none of it, and
// so that the first door opens in a browser too.

export { NoServerError, type PostgresOptions, postgresEngine } from './runtime/real/index.ts'
export { observable } from './runtime/real/observation/observable.ts'
