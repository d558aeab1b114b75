import { about, POST, SAFE, UNSENT, type Words } from './about';

const LATER = 'Safe to retry after a backoff: nothing was sent';
const PERHAPS = 'A retry is safe, but it may fail the same way';
const UNTIL_FIXED = 'A retry is safe, but it would fail the same way until that is fixed';
const peer = { peerAddress: '192.0.2.7', peerPort: 8_443 } as const;
const proxy = { peerAddress: '192.0.2.9', peerPort: 3_128 } as const;
const ipv6 = { peerAddress: '::1', peerPort: 8_443 } as const;
const unsent = { sent: 'none', phase: 'connect', confidence: 'certain' } as const;
const resource = {
  ...unsent,
  kind: 'local_resource',
  cause: 'local_resource',
  initiator: 'local',
  connection: {},
} as const;
const local = { confidence: 'certain', initiator: 'local' } as const;

/** This process ended the exchange, or there was no connection to send it on. */
export const LOCAL_OR_SET_UP: readonly Words[] = [
  [
    about(
      { ...unsent, kind: 'refused', cause: 'not_listening', confidence: 'likely', connection: peer },
      { code: 'ECONNREFUSED', syscall: 'connect', addresses: 3 },
    ),
    'api.example:8443 refused the connection (connect ECONNREFUSED 192.0.2.7:8443; 3 addresses tried): probably nothing listens there',
    'Check that the server runs, and that host and port are right',
    LATER,
  ],
  [
    about(
      { ...unsent, kind: 'refused', cause: 'not_listening', confidence: 'likely', connection: proxy },
      { code: 'ECONNREFUSED', syscall: 'connect' },
    ),
    '192.0.2.9:3128, asked for api.example:8443, refused the connection (connect ECONNREFUSED 192.0.2.9:3128): probably nothing listens there',
    'Check what should listen there, such as a proxy, and that host and port are right',
    LATER,
  ],
  [
    about(
      { ...unsent, kind: 'unreachable', cause: 'unreachable', connection: peer },
      { code: 'EHOSTUNREACH', syscall: 'connect' },
    ),
    'api.example:8443 cannot be reached (connect EHOSTUNREACH 192.0.2.7:8443): there is no route, its machine is down, or a firewall refuses',
    'Check the address, the routes and the firewalls',
    UNSENT,
  ],
  [
    about(
      { ...unsent, phase: 'dns', kind: 'dns', cause: 'name_not_resolved', connection: {} },
      { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
    ),
    'The name api.example was not found (getaddrinfo ENOTFOUND)',
    'Check the name, its DNS record, and the address family that is asked for',
    LATER,
  ],
  [
    about(
      { ...unsent, phase: 'dns', kind: 'dns', cause: 'name_not_resolved', connection: {} },
      { code: 'ESERVFAIL', syscall: 'queryA' },
    ),
    'The name api.example could not be resolved (queryA ESERVFAIL)',
    'Check the resolver, and the name',
    LATER,
  ],
  [
    about(
      { ...unsent, phase: 'tls', kind: 'tls', cause: 'tls_failed', initiator: 'local', connection: {} },
      { code: 'CERT_HAS_EXPIRED' },
    ),
    'This process does not accept the certificate of api.example:8443 (CERT_HAS_EXPIRED)',
    'Correct the certificate, its chain or its host name, or trust its issuer',
    'A retry is safe, but it would probably fail the same way',
  ],
  [
    about({ kind: 'tls', cause: 'tls_failed', confidence: 'certain' }, { code: 'ERR_SSL_BAD_RECORD_TYPE' }),
    'The TLS session with api.example:8443 broke (ERR_SSL_BAD_RECORD_TYPE)',
    'Look for a device or a link on the way that damages traffic',
    SAFE,
  ],
  [
    about(
      { kind: 'tls', cause: 'tls_failed', confidence: 'certain' },
      { code: 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED' },
    ),
    'api.example:8443 did not accept the certificate of this process, or that it has none (ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED)',
    'Give this client a certificate that the server accepts',
    UNTIL_FIXED,
  ],
  [
    about(
      {
        ...unsent,
        kind: 'timed_out',
        cause: 'connect_timeout',
        initiator: 'unknown',
        elapsedMs: 131_000,
        connection: peer,
      },
      { code: 'ETIMEDOUT', syscall: 'connect' },
    ),
    'api.example:8443 did not answer the connection attempt within 131 s (connect ETIMEDOUT 192.0.2.7:8443)',
    'Check that packets reach that address: routes, firewalls, and whether the machine is up',
    UNSENT,
  ],
  [
    about(
      { ...unsent, kind: 'timed_out', cause: 'connect_timeout', elapsedMs: 131_000, connection: proxy },
      { code: 'ETIMEDOUT', syscall: 'connect' },
    ),
    '192.0.2.9:3128, asked for api.example:8443, did not answer the connection attempt within 131 s (connect ETIMEDOUT 192.0.2.9:3128)',
    'Check that packets reach that address: routes, firewalls, and whether the machine is up',
    UNSENT,
  ],
  [
    about({ ...local, kind: 'local_timeout', cause: 'client_timeout', retrySafe: false }, {}, POST),
    'A timeout of this process ended the request after 2 s, before a byte of the response came',
    'Find what is slow at api.example:8443, or allow more than 2 s',
    'Do not retry blindly: the server may still be at work on this POST',
  ],
  [
    about({ ...local, kind: 'local_abort', cause: 'client_cancelled', retrySafe: false }),
    'This process cancelled the request after 2 s',
    'Nothing needs to change if that was intended',
    'There is nothing to retry',
  ],
  [
    about(
      {
        ...local,
        kind: 'local_close',
        cause: 'pool_closed',
        sent: 'none',
        connection: { reused: true, idleMs: 4_000, clientTimeoutMs: 4_000 },
      },
      { dead: 'timer' },
    ),
    'This process closed the idle connection itself just before the request took it (idle for 4 s; idle timeout: client 4 s)',
    'No setting prevents this race between the idle timeout of the pool and a request',
    UNSENT,
  ],
  [
    about(
      { ...local, kind: 'other', cause: 'request_incomplete', phase: 'request', sent: 'partial', elapsedMs: 12 },
      { code: 'EIO', syscall: 'read' },
    ),
    'This process abandoned the request after 12 ms, before it was complete (read EIO)',
    'Find what failed in this process while it wrote the request (in a proxy: its own client may have left)',
    PERHAPS,
  ],
  [
    about(resource, { code: 'EMFILE', syscall: 'connect' }),
    'This process has no free file descriptors (connect EMFILE)',
    'Raise the limit (ulimit -n), or keep fewer files and connections open at a time',
    PERHAPS,
  ],
  [
    about(resource, { code: 'EADDRNOTAVAIL', syscall: 'connect' }),
    'No local port was free for a connection to api.example:8443 (connect EADDRNOTAVAIL): all are in use, or the one that this request asks for is',
    'Set no localPort, and keep connections alive and use them again, so that fewer ports are in use',
    PERHAPS,
  ],
  [
    about({ ...resource, connection: ipv6 }, { code: 'EADDRNOTAVAIL', syscall: 'connect' }),
    'This machine has no IPv6 address to connect from, or no free local port, for api.example:8443 (connect EADDRNOTAVAIL [::1]:8443)',
    'Use an IPv4 address or a name that has one, or give this machine an IPv6 address',
    PERHAPS,
  ],
  [
    about(resource, { code: 'ERR_ACCESS_DENIED', syscall: 'connect' }),
    "Node's permission model forbids this process to reach api.example:8443 (connect ERR_ACCESS_DENIED)",
    'Start Node with --allow-net if this process is meant to make connections',
    UNTIL_FIXED,
  ],
  [
    about(resource, { code: 'EADDRNOTAVAIL', syscall: 'bind' }),
    'The local address or port that this request is bound to is not available (bind EADDRNOTAVAIL)',
    'Correct localAddress and localPort: the address must be one of this machine, the port free',
    UNTIL_FIXED,
  ],
  [
    about(resource, { code: 'EACCES', syscall: 'connect' }),
    'This process is not permitted to connect to api.example:8443 (connect EACCES)',
    'Let the user of this process connect there, or correct the address',
    UNTIL_FIXED,
  ],
  [
    about(resource, { code: 'ERR_IP_BLOCKED' }),
    'This process has a block list that forbids api.example:8443 (ERR_IP_BLOCKED)',
    'Change the block list if that address is meant to be reached',
    UNTIL_FIXED,
  ],
  [
    about({ ...resource, kind: 'other', phase: 'response', sent: 'received' }, { code: 'HPE_HEADER_OVERFLOW' }),
    'This process refused a response that was larger than its settings allow (HPE_HEADER_OVERFLOW)',
    'Raise maxHeaderSize (16384 by default)',
    UNTIL_FIXED,
  ],
];
