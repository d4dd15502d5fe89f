// The settings of PostgreSQL's chapter "Connections and authentication", 15 to 18.

import { bool, choice, integer, text } from './define.ts'

export const connectionsAndAuthentication = [
  // Authentication
  integer('authentication_timeout', 'sighup', '1min', 'How long a client may take to log in.', {
    unit: 's',
    min: 1,
    max: 600,
  }),
  bool('db_user_namespace', 'sighup', 'off', 'Whether users belong to databases.', { until: 16 }),
  bool('gss_accept_delegation', 'sighup', 'off', 'Whether GSSAPI credentials are taken over from the client.', {
    since: 16,
  }),
  bool('krb_caseins_users', 'sighup', 'off', 'Whether Kerberos user names ignore case.'),
  text('krb_server_keyfile', 'sighup', '', "The server's Kerberos key file."),
  bool('md5_password_warnings', 'user', 'on', 'Whether passwords hashed with MD5 are warned of.', { since: 18 }),
  text('oauth_validator_libraries', 'sighup', '', 'Libraries that check OAuth tokens.', { since: 18 }),
  choice('password_encryption', 'user', ['md5', 'scram-sha-256'], 'scram-sha-256', 'How new passwords are hashed.'),
  integer('scram_iterations', 'user', '4096', 'How often a SCRAM password is hashed.', {
    min: 1,
    max: 2147483647,
    since: 16,
  }),

  // Connection Settings
  bool('bonjour', 'postmaster', 'off', 'Whether the server announces itself by Bonjour.'),
  text('bonjour_name', 'postmaster', '', 'The name it announces.'),
  text('listen_addresses', 'postmaster', 'localhost', 'The addresses that the server listens on.'),
  integer('max_connections', 'postmaster', '100', 'How many clients may be connected at once.', {
    min: 1,
    max: 262143,
  }),
  integer('port', 'postmaster', '5432', "The TCP port, and the number in the Unix socket's name.", {
    min: 1,
    max: 65535,
  }),
  integer(
    'reserved_connections',
    'postmaster',
    '0',
    'How many slots are kept for roles with pg_use_reserved_connections.',
    { min: 0, max: 262143, since: 16 },
  ),
  integer('superuser_reserved_connections', 'postmaster', '3', 'How many slots are kept for superusers.', {
    min: 0,
    max: 262143,
  }),
  text('unix_socket_directories', 'postmaster', '/tmp', 'Where the Unix sockets are.'),
  text('unix_socket_group', 'postmaster', '', 'The group that owns the Unix socket.'),
  integer('unix_socket_permissions', 'postmaster', '511', 'The permissions of the Unix socket.', { min: 0, max: 511 }),

  // SSL
  bool('ssl', 'sighup', 'off', 'Whether connections may be encrypted.'),
  text('ssl_ca_file', 'sighup', '', "Certificates of those who may sign clients' certificates."),
  text('ssl_cert_file', 'sighup', 'server.crt', "The server's certificate."),
  text('ssl_ciphers', 'sighup', 'HIGH:MEDIUM:+3DES:!aNULL', 'The ciphers of TLS up to 1.2.'),
  text('ssl_crl_dir', 'sighup', '', 'A directory of revoked certificates.'),
  text('ssl_crl_file', 'sighup', '', 'A list of revoked certificates.'),
  text('ssl_dh_params_file', 'sighup', '', 'Parameters of the Diffie-Hellman key exchange.'),
  text('ssl_ecdh_curve', 'sighup', 'prime256v1', 'The curve of the ECDH key exchange.', { until: 17 }),
  text('ssl_groups', 'sighup', 'X25519:prime256v1', 'The groups of the key exchange.', { since: 18 }),
  text('ssl_key_file', 'sighup', 'server.key', "The server's private key."),
  choice(
    'ssl_max_protocol_version',
    'sighup',
    ['', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    '',
    'The newest version of TLS that is spoken.',
  ),
  choice(
    'ssl_min_protocol_version',
    'sighup',
    ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    'TLSv1.2',
    'The oldest version of TLS that is spoken.',
  ),
  text('ssl_passphrase_command', 'sighup', '', "The command that gives the key's passphrase."),
  bool('ssl_passphrase_command_supports_reload', 'sighup', 'off', 'Whether that command is called at a reload too.'),
  bool('ssl_prefer_server_ciphers', 'sighup', 'on', "Whether the server's order of ciphers counts."),
  text('ssl_tls13_ciphers', 'sighup', '', 'The ciphers of TLS 1.3.', { since: 18 }),

  // TCP Settings
  integer(
    'client_connection_check_interval',
    'user',
    '0',
    'How often a running statement looks whether its client is still there.',
    { unit: 'ms', min: 0, max: 2147483647 },
  ),
  integer('tcp_keepalives_count', 'user', '0', 'How many keepalives may stay unanswered.', { min: 0, max: 2147483647 }),
  integer('tcp_keepalives_idle', 'user', '0', 'After how long a silent connection is probed.', {
    unit: 's',
    min: 0,
    max: 2147483647,
  }),
  integer('tcp_keepalives_interval', 'user', '0', 'How long after an unanswered keepalive the next one is sent.', {
    unit: 's',
    min: 0,
    max: 2147483647,
  }),
  integer('tcp_user_timeout', 'user', '0', 'How long sent data may stay unacknowledged.', {
    unit: 'ms',
    min: 0,
    max: 2147483647,
  }),
]
