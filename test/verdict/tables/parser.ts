import { errorOf, NOW, post, type Row } from '../scene';

/** A parser did not accept what the peer sent. */
export const NOT_ACCEPTED: readonly Row[] = [
  [
    'leftovers on a connection that has answered before',
    { ...post, received: 11, how: 'program', error: errorOf('HPE_INVALID_CONSTANT') },
    'protocol response remote received unknown possible no',
  ],
  [
    'more bytes than the response announces',
    { idleMs: 'fresh', received: 90, status: 200, how: 'program', error: errorOf('HPE_INVALID_CONSTANT') },
    'protocol response remote received unknown possible retry',
  ],
  [
    'a header that this parser is too strict for',
    { idleMs: 'fresh', received: 90, how: 'program', error: errorOf('HPE_INVALID_HEADER_TOKEN') },
    'protocol response remote received unknown possible retry',
  ],
  [
    'bytes that are not HTTP, on a connection that never answered',
    { idleMs: 'fresh', received: 24, how: 'program', error: errorOf('HPE_INVALID_CONSTANT') },
    'protocol response remote received protocol_mismatch possible retry',
  ],
  [
    'the same, from a peer that has answered on other connections',
    {
      idleMs: 'fresh',
      received: 24,
      how: 'program',
      error: errorOf('HPE_INVALID_CONSTANT'),
      known: (o) => o.succeeded(1, undefined),
    },
    'protocol response remote received protocol_mismatch possible retry',
  ],
  [
    'the same within the last minute: it speaks HTTP',
    {
      idleMs: 'fresh',
      received: 24,
      how: 'program',
      error: errorOf('HPE_INVALID_CONSTANT'),
      known: (o) => o.succeeded(NOW - 1_000, undefined),
    },
    'protocol response remote received unknown possible retry',
  ],
  [
    'a parser error of which the client hands on no code',
    {
      idleMs: 'fresh',
      received: 24,
      how: 'program',
      error: Object.assign(new Error('x'), { name: 'HTTPParserError' }),
    },
    'protocol response remote received protocol_mismatch possible retry',
  ],
  [
    'a response that is not as long as it announces, by the word of undici',
    { received: 90, status: 200, error: errorOf('UND_ERR_RES_CONTENT_LENGTH_MISMATCH') },
    'protocol response remote received unknown possible retry',
  ],
  [
    'a 304 that announces the length of what the client has already, and undici waits for it',
    { received: 90, status: 304, error: errorOf('UND_ERR_RES_CONTENT_LENGTH_MISMATCH') },
    'other response local received unknown possible retry',
  ],
];
