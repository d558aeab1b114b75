/**
 * The answer to each question of examples/stack/jaeger/README.md for the quickstart's demo, derived from what its
 * upstreams do (examples/quickstart/scenarios), not from what spans say. Every request is named by its
 * path.
 */

const IDLE_FIN = ['/stale-fin/get'];
const IDLE_RST = ['/stale-rst/get', '/stale-rst/post'];
const KILLED = ['/restart/get-1', '/restart/post', '/restart/get-2'];
const DROPPED = ['/drop/second'];
const REFUSED = ['/refused', '/restart/next'];
const CUT_SHORT = ['/cut-short/get'];
const FORGOTTEN = ['/path/silent'];
const TIMED_OUT = ['/timeout'];
const FIRST_OF_CONNECTION = [
  ...['/stale-fin/first', '/stale-rst/1', '/stale-rst/2', '/near-miss/first', '/healthy/first'],
  ...['/path/first', '/path/fresh', '/drop/first', '/cut-short/get'],
];
/** On one connection; `/path/fresh` is on another. */
const WAREHOUSE = ['/path/first', '/path/again', ...FORGOTTEN];

const STALE = [...IDLE_FIN, ...IDLE_RST];
const ON_FRESH = [...KILLED, ...DROPPED, ...CUT_SHORT];

export const TRUTH: Readonly<Record<string, readonly string[]>> = {
  'Which host resets?': [...STALE, ...ON_FRESH, ...REFUSED],
  'Which of them at one host?': STALE,
  'Only on reused connections?': STALE,
  'On the first request of a connection too?': ON_FRESH,
  'Which requests met a connection that the peer had closed?': STALE,
  // Of each connection the first request, what failed and what nearly did. The connection of /drop/second got no announcement.
  'Whose idle timeout is shorter?': [...FIRST_OF_CONNECTION, ...STALE, ...FORGOTTEN, '/near-miss/late'],
  'At which idle age do requests fail?': STALE,
  'What nearly failed?': ['/near-miss/late'],
  'Which failed POSTs may be sent again?': ['/stale-rst/post', '/refused'],
  'Which failed POSTs may not?': ['/restart/post'],
  'Which requests never left this process?': [...IDLE_RST, ...REFUSED],
  'Which responses were cut short?': CUT_SHORT,
  'Which "socket hang up" was our own timeout?': TIMED_OUT,
  'Which connections did the path forget?': FORGOTTEN,
  'Which peer refuses connections?': REFUSED,
  'Which requests were dropped on purpose?': DROPPED,
  'Which clients left before the response?': ['/gone'],
  'What else did this connection carry?': WAREHOUSE,
};

/** The host of the demo that takes the place of the shop's `payments` in a search. */
export const DEMO_HOST: Readonly<Record<string, string>> = {
  'Which of them at one host?': 'orders',
  'What else did this connection carry?': 'warehouse',
};

/** Questions to which the spans of the shop's `orders` may have no answer, and why. */
export const MAY_BE_EMPTY_IN_SHOP: Readonly<Record<string, string>> = {
  'Which connections did the path forget?': 'no path of the shop forgets connections',
  'Which requests were in flight when the peer went away?': 'only the peer of the gateway restarts',
  'Which clients left before the response?': 'no client of orders leaves early',
  'What else did this connection carry?': 'the id is an example',
};

/** Ends in flight: `peer_restart` or `peer_aborted`, depending on what else was seen when the request failed. */
export const IN_FLIGHT: readonly string[] = [...KILLED, ...CUT_SHORT];

/** The requests with each other cause; no request of the demo has another. */
export const TRUTH_BY_CAUSE: Readonly<Record<string, readonly string[]>> = {
  stale_keepalive: STALE,
  idle_expired: FORGOTTEN,
  rejected: DROPPED,
  not_listening: REFUSED,
  client_timeout: TIMED_OUT,
  client_gone: ['/gone'],
};
