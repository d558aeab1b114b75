import { errorOf, hangUp, NOW, type Row, setUp } from '../scene';

/** The connection never came about. */
export const SETTING_UP: readonly Row[] = [
  [
    'a name that does not exist',
    { ...setUp('dns'), error: errorOf('ENOTFOUND', 'queryA') },
    'dns dns remote none name_not_resolved certain retry',
  ],
  [
    'a name that the system does not find, as it says, too, where it cannot open the file of names',
    { ...setUp('dns'), error: errorOf('ENOTFOUND', 'getaddrinfo') },
    'dns dns unknown none name_not_resolved certain retry',
  ],
  [
    'a resolver that does not answer',
    { ...setUp('dns'), method: 'POST', error: errorOf('EAI_AGAIN', 'getaddrinfo') },
    'dns dns unknown none name_not_resolved certain retry',
  ],
  [
    'a refused connection',
    { ...setUp('connect'), method: 'POST', error: errorOf('ECONNREFUSED', 'connect') },
    'refused connect remote none not_listening likely retry',
  ],
  [
    'a connection that is refused by an origin that has just answered',
    { ...setUp('connect'), error: errorOf('ECONNREFUSED', 'connect'), known: (o) => o.succeeded(NOW - 100, undefined) },
    'refused connect remote none not_listening possible retry',
  ],
  [
    'a look-up that fails with the error of its own connection',
    { ...setUp('dns'), method: 'POST', how: 'unseen', unwritten: true, error: errorOf('ECONNRESET', 'read') },
    'other dns unknown none unknown possible retry',
  ],
  [
    'a connector that passes on the error of another connection',
    { ...setUp('connect'), unwritten: true, error: errorOf('EPIPE', 'write') },
    'other connect unknown none unknown possible retry',
  ],
  [
    'a refused connection, before its socket was given to the request',
    { stage: 'connect', idleMs: 'none', error: errorOf('ECONNREFUSED', 'connect') },
    'refused connect remote none not_listening likely retry',
  ],
  [
    'a Unix socket that does not exist',
    { ...setUp('connect'), error: errorOf('ENOENT', 'connect') },
    'refused connect remote none not_listening likely retry',
  ],
  [
    'no route by IPv6, refused by IPv4',
    {
      ...setUp('connect'),
      error: new AggregateError([errorOf('ENETUNREACH', 'connect'), errorOf('ECONNREFUSED', 'connect')]),
    },
    'refused connect remote none not_listening likely retry',
  ],
  [
    'refused by IPv6, no answer by IPv4',
    {
      ...setUp('connect'),
      error: new AggregateError([errorOf('ECONNREFUSED', 'connect'), errorOf('ETIMEDOUT', 'connect')]),
    },
    'refused connect remote none not_listening possible retry',
  ],
  [
    'refused by IPv4, and a firewall that rejects IPv6',
    {
      ...setUp('connect'),
      error: new AggregateError([errorOf('EHOSTUNREACH', 'connect'), errorOf('ECONNREFUSED', 'connect')]),
    },
    'refused connect remote none not_listening possible retry',
  ],
  [
    'no route by IPv6, silence by IPv4',
    {
      ...setUp('connect'),
      error: new AggregateError([errorOf('ENETUNREACH', 'connect'), errorOf('ETIMEDOUT', 'connect')]),
    },
    'timed_out connect unknown none connect_timeout certain retry',
  ],
  [
    'no route',
    { ...setUp('connect'), error: errorOf('EHOSTUNREACH', 'connect') },
    'unreachable connect unknown none unreachable certain retry',
  ],
  [
    'a connect that the network gave up',
    { ...setUp('connect'), error: errorOf('ETIMEDOUT', 'connect') },
    'timed_out connect unknown none connect_timeout certain retry',
  ],
  [
    'a connect timer of a library',
    { ...setUp('connect'), error: errorOf('ETIMEDOUT') },
    'local_timeout connect local none client_timeout certain retry',
  ],
  [
    "the socket's timer while it connects",
    { ...setUp('connect'), how: 'timer', error: hangUp },
    'local_timeout connect local none client_timeout certain retry',
  ],
  [
    "the socket's timer in the TLS handshake",
    { ...setUp('tls'), secure: true, how: 'request', timedOut: true, error: hangUp },
    'local_timeout tls local none client_timeout certain retry',
  ],
  [
    'a reset right after the SYN-ACK',
    { ...setUp('connect'), error: errorOf('ECONNRESET', 'connect') },
    'reset connect remote none rejected possible retry',
  ],
  [
    'an error of a custom createConnection',
    { ...setUp('connect'), error: new Error('not today') },
    'other connect unknown none unknown possible retry',
  ],
  [
    'a tunnel that the proxy denies',
    { ...setUp('proxy'), error: errorOf('ERR_PROXY_TUNNEL') },
    'other proxy remote none unknown possible retry',
  ],
  [
    'a proxy that closes',
    { ...setUp('proxy'), how: 'fin', error: hangUp },
    'closed proxy remote none unknown possible retry',
  ],
  [
    'a certificate that we refuse',
    { ...setUp('tls'), secure: true, error: errorOf('DEPTH_ZERO_SELF_SIGNED_CERT') },
    'tls tls local none tls_failed certain retry',
  ],
  [
    'an alert about our certificate, as newer versions of OpenSSL name it',
    { ...setUp('tls'), secure: true, error: errorOf('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE') },
    'tls tls remote none tls_failed certain retry',
  ],
  [
    "Node's permission model, while the name is resolved",
    { ...setUp('dns'), error: errorOf('ERR_ACCESS_DENIED', 'getaddrinfo') },
    'local_resource dns local none local_resource certain retry',
  ],
  [
    'a host name that is not in the certificate',
    { ...setUp('tls'), secure: true, error: errorOf('ERR_TLS_CERT_ALTNAME_INVALID') },
    'tls tls local none tls_failed certain retry',
  ],
  [
    'TLS to a plain port',
    { ...setUp('tls'), secure: true, error: errorOf('EPROTO', 'write') },
    'tls tls unknown none tls_failed certain retry',
  ],
  [
    'a handshake cut by FIN',
    { ...setUp('tls'), secure: true, how: 'program', error: hangUp },
    'closed tls remote none tls_failed possible retry',
  ],
  [
    'a handshake cut by RST',
    { ...setUp('tls'), secure: true, how: 'reset', error: errorOf('ECONNRESET', 'read') },
    'reset tls remote none tls_failed possible retry',
  ],
  [
    'a handshake cut by FIN, by a server whose TLS works',
    {
      ...setUp('tls'),
      secure: true,
      how: 'program',
      error: hangUp,
      known: (o) => o.succeeded(NOW - 500_000, undefined),
    },
    'closed tls remote none rejected possible retry',
  ],
  [
    'a client certificate that TLS 1.3 refuses after the handshake',
    { idleMs: 'fresh', secure: true, error: errorOf('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') },
    'tls wait remote full tls_failed certain retry',
  ],
  [
    'no file descriptors',
    { ...setUp('connect'), error: errorOf('EMFILE', 'connect') },
    'local_resource connect local none local_resource certain retry',
  ],
  [
    'no ports',
    { ...setUp('connect'), method: 'POST', error: errorOf('EADDRNOTAVAIL', 'connect') },
    'local_resource connect local none local_resource certain retry',
  ],
  [
    "a header block over Node's own limit",
    { received: 20_000, how: 'program', error: errorOf('HPE_HEADER_OVERFLOW') },
    'other response local received local_resource certain retry',
  ],
];
