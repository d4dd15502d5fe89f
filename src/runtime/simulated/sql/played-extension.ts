/** The one extension that CREATE EXTENSION makes: views/ has its view and its functions. */
export const playedExtension = 'pg_buffercache'
