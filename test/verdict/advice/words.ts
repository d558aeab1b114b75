import { about, ENDED, POST, SAFE, STARTED_LATE, UNSENT, type Words } from './about';

const BLINDLY = 'Do not retry blindly: the server may have executed this POST';
/** What is said of Node's agent. */
const agent = (ms: number) =>
  `new https.Agent({ keepAlive: true, timeout: ${ms} }) (slower requests emit 'timeout': harmless unless your code destroys them)`;
const idle = { reused: true, idleMs: 400_000, clientTimeoutMs: 0 } as const;
const overdue = { ...idle, idleMs: 5_120, peerTimeoutMs: 5_000, peerTimeoutSource: 'observed' } as const;

/** The peer, or the path to it, ended the exchange. */
export const BY_PEER: readonly Words[] = [
  [
    about(
      { cause: 'stale_keepalive', confidence: 'likely', elapsedMs: 1, connection: overdue },
      { closings: { count: 4, spreadMs: 31 } },
    ),
    'api.example:8443 probably closed this idle connection before it saw the request (idle for 5.1 s; idle timeouts: peer 5 s as observed in 4 closings within 31 ms, client none)',
    `Close idle connections after 4 s: ${agent(4_000)}`,
    SAFE,
  ],
  [
    about(
      { cause: 'stale_keepalive', confidence: 'certain', sent: 'none', phase: 'request', connection: overdue },
      { dead: 'fin' },
      POST,
    ),
    'api.example:8443 had closed this idle connection before the request took it (idle for 5.1 s; idle timeouts: peer 5 s as observed, client none)',
    `Close idle connections after 4 s: ${agent(4_000)}`,
    UNSENT,
  ],
  [
    about({ cause: 'idle_expired', kind: 'local_timeout', initiator: 'local', elapsedMs: 5_002, connection: idle }),
    'api.example:8443 did not answer within 5 s on this reused connection (idle for 400 s; idle timeout: client none), but did on a fresh one: a NAT, load balancer or firewall may have forgotten it',
    `Try closing idle connections after 200 s, half the idle time, or less: ${agent(200_000)}`,
    SAFE,
  ],
  [
    about({ cause: 'idle_expired', kind: 'reset', retrySafe: false, connection: idle }, {}, POST),
    'This connection to api.example:8443 was reset when used again (idle for 400 s; idle timeout: client none): a NAT, load balancer or firewall may have forgotten it',
    `Try closing idle connections after 200 s, half the idle time, or less: ${agent(200_000)}`,
    BLINDLY,
  ],
  [
    about({ cause: 'recycled', connection: { reused: true, reuseCount: 1_000, ageMs: 61_000, idleMs: 20 } }),
    'api.example:8443 may have retired this connection after 1000 requests and 61 s, as it did with others (idle for 20 ms)',
    'An idle timeout does not help: raise the peer\'s limit on requests or age per connection, or let it send "Connection: close" with its last response',
    SAFE,
  ],
  [
    about({ cause: 'peer_restart', confidence: 'possible', retrySafe: false }, { leaving: 'refused' }, POST),
    `${ENDED}, and a new connection was refused: the peer may have crashed or restarted`,
    'Look for a restart or crash at this time, and let the peer finish its requests before it stops',
    BLINDLY,
  ],
  [
    about({ cause: 'peer_restart', kind: 'truncated', phase: 'response', sent: 'received' }),
    `${ENDED}, in the middle of the response, and another connection ended at the same moment: the peer may have crashed or restarted`,
    'Look for a restart or crash at this time, and let the peer finish its requests before it stops',
    SAFE,
  ],
  [
    about({ cause: 'peer_aborted' }),
    `${ENDED}: the peer, or a proxy in front of it, may have given up on this request, and nothing shows why`,
    'Read the logs of the peer and its proxies at this time, for an aborted handler, a crash or a time limit',
    SAFE,
  ],
  [
    about({ cause: 'peer_aborted' }, { due: { what: 'probe', ms: 1_000 } }),
    `${ENDED}: the peer, or a proxy in front of it, may have given up on this request, and nothing shows why`,
    'Read the logs of the peer and its proxies at this time, for an aborted handler, a crash or a time limit, or for what lost the connection before: TCP probes it after 1 s of silence, and that probe was due',
    SAFE,
  ],
  [
    about(
      { cause: 'request_incomplete', confidence: 'likely', phase: 'request', sent: 'partial' },
      { missingBytes: 45 },
    ),
    `${ENDED}: the body is 45 bytes shorter than its Content-Length, so the request was never complete`,
    'Set Content-Length to the number of bytes in the body, or leave it out',
    'A retry is safe, but it would probably fail the same way',
  ],
  [
    about({ cause: 'request_incomplete', retrySafe: false }, { missingBytes: -41 }, POST),
    `${ENDED}: more was written than its Content-Length announces, by 41 bytes`,
    'Check that Content-Length is the number of bytes in the body, and what else this process writes on the connection',
    'A retry may fail the same way',
  ],
  [
    about(
      { cause: 'request_incomplete', phase: 'request', sent: 'partial', retrySafe: false },
      { quietMs: 1_990 },
      POST,
    ),
    `${ENDED}, before this process had finished the request: nothing had been written for 2 s`,
    'Look for a missing req.end(), or for what feeds the body so slowly',
    'A retry may fail the same way',
  ],
  [
    about(
      { cause: 'rejected', confidence: 'likely', sent: 'received', phase: 'response', retrySafe: false },
      {},
      { ...POST, statusCode: 413 },
    ),
    'api.example:8443 answered 413 and closed before the upload ended: it probably refused the request',
    "Send a smaller body, or raise the peer's limit on its size",
    BLINDLY,
  ],
  [
    about({ cause: 'rejected', elapsedMs: 2 }),
    'This reused connection to api.example:8443 ended 2 ms into the request, while other requests succeed: the peer may have dropped this one on purpose, or failed on it',
    'Look for a limit on rate, size or connections at the peer, and read its log at this time',
    'Safe to retry after a backoff: GET is idempotent',
  ],
  [
    about(
      { cause: 'rejected', kind: 'reset', elapsedMs: 1, connection: { reused: true, idleMs: 3_700 } },
      { isIdleUnproven: true },
    ),
    'This reused connection to api.example:8443 ended 1 ms into the request, while other requests succeed: the peer may have dropped this one on purpose, or failed on it',
    'Look for a limit on rate, size or connections at the peer, or an idle timeout there or on the way, and read its log at this time',
    'Safe to retry after a backoff: GET is idempotent',
  ],
  [
    about({ cause: 'rejected', elapsedMs: 1, connection: { reused: true, idleMs: 3_559, peerTimeoutMs: 3_423 } }),
    'This reused connection to api.example:8443 ended 1 ms into the request, while other requests succeed: the peer may have dropped this one on purpose, or failed on it',
    'Look for a limit on rate, size or connections at the peer, or an idle timeout there or on the way, and read its log at this time',
    'Safe to retry after a backoff: GET is idempotent',
  ],
  [
    about(
      { cause: 'rejected', elapsedMs: 1_400, connection: { reused: false } },
      { lateMs: 1_200, busySetUpMs: 1_100 },
    ),
    'This fresh connection to api.example:8443 ended 1.4 s into the request (noticed by a busy process, up to 1.2 s late), while other requests succeed: the peer may have dropped this one on purpose, or failed on it',
    STARTED_LATE,
    'Safe to retry after a backoff: GET is idempotent',
  ],
  [
    about({ elapsedMs: 3, connection: { reused: false, ageMs: 2_170 } }),
    'This fresh connection (made 2.2 s before) to api.example:8443 ended 3 ms into the request, and nothing shows why',
    STARTED_LATE,
    SAFE,
  ],
  [
    about({ cause: 'protocol_mismatch', confidence: 'likely', kind: 'protocol' }, { code: 'HPE_INVALID_CONSTANT' }),
    'api.example:8443 answered with bytes that are not HTTP/1.1 (HPE_INVALID_CONSTANT)',
    'Check that this port speaks HTTP/1.1, and without TLS if the URL says http',
    'A retry is safe, but it would probably fail the same way',
  ],
  [
    about({ cause: 'unknown', connection: { reused: false }, elapsedMs: 1 }),
    'This fresh connection to api.example:8443 ended 1 ms into the request, and nothing shows why',
    'Candidates are a limiter that drops connections, the wrong protocol on this port, and a server that crashes at once',
    SAFE,
  ],
  [
    about(
      { cause: 'unknown', kind: 'truncated', phase: 'response', initiator: 'unknown', sent: 'received' },
      { endedFirst: true },
    ),
    'This reused connection to api.example:8443 ended 2 s into the request, in the middle of the response: this process had ended its side first, and the peer may have answered that, or failed',
    'End the socket only after the response: peers may take that for a client that has left',
    SAFE,
  ],
  [
    about({ kind: 'reset', phase: 'response', sent: 'received' }, { unread: 'whole' }),
    'This reused connection to api.example:8443 ended 2 s into the request, after the whole response had arrived, and before this process had read it',
    'Read the response at once: until it is read, Node reports the end of its connection as an error',
    SAFE,
  ],
  [
    about({ kind: 'other', phase: 'response', sent: 'received' }, { code: 'E_OF_ITS_OWN', unread: 'whole' }),
    'The request to api.example:8443 failed after 2 s (E_OF_ITS_OWN), after the whole response had arrived, and nothing shows why',
    'Read the message of the error',
    SAFE,
  ],
  [
    about({ cause: 'client_gone', confidence: 'likely', sent: undefined, retrySafe: undefined } as object),
    'The client closed its side of the connection 2 s after its request began, before the response was complete',
    "Compare the client's timeout with how long this response takes",
    'There is nothing to retry on this side',
  ],
];
