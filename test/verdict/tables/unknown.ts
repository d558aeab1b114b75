import { errorOf, hangUp, post, type Row, setUp } from '../scene';

const aborted = Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' });

const refusedAt = (address: string) => Object.assign(errorOf('EACCES', 'connect'), { address });

/** A word needs a witness. */
export const UNKNOWN: readonly Row[] = [
  ['a code that no rule knows', { error: errorOf('EIO', 'read') }, 'other wait unknown full unknown possible retry'],
  [
    'a Unix socket whose accept queue is full',
    { ...setUp('connect'), ...post, error: errorOf('EAGAIN', 'connect') },
    'other connect unknown none unknown possible retry',
  ],
  [
    'a DNS server that is closed',
    { ...setUp('dns'), ...post, error: errorOf('ECONNREFUSED', 'queryA') },
    'dns dns unknown none name_not_resolved certain retry',
  ],
  [
    'a DNS server that fails',
    { ...setUp('dns'), error: errorOf('ESERVFAIL', 'queryAaaa') },
    'dns dns unknown none name_not_resolved certain retry',
  ],
  [
    'a DNS server that is silent',
    { ...setUp('dns'), error: errorOf('ETIMEOUT', 'queryA') },
    'dns dns unknown none name_not_resolved certain retry',
  ],
  [
    'a look-up without file descriptors',
    { ...setUp('dns'), error: errorOf('EMFILE', 'getaddrinfo') },
    'local_resource dns local none local_resource certain retry',
  ],
  [
    'a Unix socket that this user may not use',
    { ...setUp('connect'), ...post, error: refusedAt('/run/app:1.sock') },
    'local_resource connect local none local_resource certain retry',
  ],
  [
    'an IPv4 address that this machine refuses to connect to',
    { ...setUp('connect'), ...post, error: refusedAt('192.0.2.1') },
    'local_resource connect local none local_resource certain retry',
  ],
  [
    'an IPv6 address that this machine, or a firewall on the way, refuses',
    { ...setUp('connect'), ...post, error: refusedAt('fd00::2') },
    'unreachable connect unknown none unreachable possible retry',
  ],
  [
    'an address that nobody named, refused likewise',
    { ...setUp('connect'), ...post, error: errorOf('EACCES', 'connect') },
    'unreachable connect unknown none unreachable possible retry',
  ],
  [
    'a connection that this machine ended, soon after a request and beyond the announced idle timeout',
    { ...post, how: 'unseen', error: errorOf('ECONNABORTED', 'read'), idleMs: 6_000, known: (o) => o.announced(5_000) },
    'reset wait unknown full unknown possible no',
  ],
  [
    'an ICMP message about what a connection without TLS sends',
    { ...post, how: 'lost', error: errorOf('EPROTO', 'read') },
    'unreachable wait unknown full unreachable possible no',
  ],
  [
    'a call on a connection that fails with a code which no rule knows',
    { ...post, how: 'unseen', error: errorOf('EIO', 'read') },
    'other wait unknown full unknown possible no',
  ],
  [
    'a connect for which a router found fault with a header',
    { ...setUp('connect'), ...post, error: errorOf('EPROTO', 'connect') },
    'other connect unknown none unknown possible retry',
  ],
  [
    'a file of the program that may not be read',
    { error: errorOf('EACCES', 'open') },
    'other wait unknown full unknown possible retry',
  ],
  [
    'a local address that this machine does not have',
    { ...setUp('connect'), error: errorOf('EADDRNOTAVAIL', 'bind') },
    'local_resource connect local none local_resource certain retry',
  ],
  [
    'a destroy with an error without a code',
    { how: 'request', error: new Error('enough') },
    'local_abort wait local full client_cancelled possible no',
  ],
  [
    'a destroy with an error of the program, after all was sent',
    { ...post, how: 'request', error: errorOf('E_QUOTA') },
    'other wait local full unknown possible no',
  ],
  [
    'an abort whose reason could not be read',
    { stage: 'queue', idleMs: 'none', error: aborted, seen: { abortReasonUnknown: true } },
    'local_abort queue local none client_cancelled possible no',
  ],
  [
    'an aborted signal with a reason of the program',
    { how: 'request', error: new Error('enough'), seen: { signalAborted: true } },
    'local_abort wait local full client_cancelled certain no',
  ],
  [
    "a signal that aborted when the peer's end had been seen",
    { ...post, how: 'fin', error: hangUp, elapsedMs: 900, seen: { signalAborted: true } },
    'closed wait remote full peer_aborted possible no',
  ],
  [
    'a stream without a handle that the other side drops',
    { ...post, how: 'request', error: hangUp, seen: { handleless: true } },
    'other wait unknown undefined unknown possible no',
  ],
  [
    "a mock's error",
    { error: errorOf('ETIMEDOUT'), seen: { handleless: true } },
    'other wait unknown undefined unknown possible retry',
  ],
  [
    'a stream without a handle whose request is aborted',
    { how: 'request', error: aborted, seen: { handleless: true } },
    'local_abort wait local undefined client_cancelled certain no',
  ],
  [
    'an old protocol that our own OpenSSL refuses',
    { ...setUp('tls'), secure: true, error: errorOf('ERR_SSL_UNSUPPORTED_PROTOCOL') },
    'tls tls local none tls_failed certain retry',
  ],
  [
    'a record that is broken long after the handshake',
    { secure: true, error: errorOf('ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC') },
    'tls wait remote full tls_failed certain retry',
  ],
  [
    'a Node timer for one of several addresses',
    {
      ...setUp('connect'),
      error: new AggregateError([errorOf('ETIMEDOUT', 'connect'), errorOf('ENETUNREACH', 'connect')]),
    },
    'timed_out connect local none connect_timeout certain retry',
  ],
  [
    "undici's connect timer",
    { stage: 'connect', idleMs: 'none', ...post, error: errorOf('UND_ERR_CONNECT_TIMEOUT') },
    'timed_out connect local none connect_timeout certain retry',
  ],
];
