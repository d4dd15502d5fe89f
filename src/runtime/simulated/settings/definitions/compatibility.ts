// The settings of PostgreSQL's chapter "Compatibility", 15 to 18.

import { bool, choice } from './define.ts'

export const compatibility = [
  // Other Platforms and Clients
  bool('allow_alter_system', 'sighup', 'on', 'Whether ALTER SYSTEM is allowed.', { since: 17 }),
  bool('transform_null_equals', 'user', 'off', 'Whether "= NULL" is read as "IS NULL".'),

  // Previous PostgreSQL Versions
  bool('array_nulls', 'user', 'on', 'Whether NULL is a null in the text of an array.'),
  choice(
    'backslash_quote',
    'user',
    ['safe_encoding', 'on', 'off'],
    'safe_encoding',
    'Whether a quote may be written as a backslash and a quote.',
  ),
  bool('escape_string_warning', 'user', 'on', 'Whether backslashes in ordinary strings are warned of.'),
  bool('lo_compat_privileges', 'superuser', 'off', 'Whether large objects are open to everybody, as they once were.'),
  bool('quote_all_identifiers', 'user', 'off', 'Whether generated SQL quotes every identifier.'),
  bool('standard_conforming_strings', 'user', 'on', 'Whether backslashes in ordinary strings are plain characters.'),
  bool('synchronize_seqscans', 'user', 'on', 'Whether large scans of one table at the same time share their reading.'),
]
