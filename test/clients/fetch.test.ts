import axios from 'axios';
import { type Library, testLibrary } from './client-cases';
import { inPollPhase } from './undici-clients';

/** The pool is fetch's own: its look at an idle connection must come before the loop's. */
const stale: Library['stale'] = (peer, send) =>
  inPollPhase(() => {
    peer.endUnnoticed('fin');
    return send();
  });

testLibrary({
  name: 'axios, fetch adapter',
  timesOutBy: 'error',
  stale,
  get: (url, { timeoutMs = 0 }) => axios.get(url, { adapter: 'fetch', timeout: timeoutMs }),
});

testLibrary({
  name: 'ky',
  stale,
  hides: ['timeout'],
  timesOutBy: 'abort',
  get: async (url, { timeoutMs }) => {
    const { default: ky } = await import('ky');
    return ky.get(url, { retry: 0, timeout: timeoutMs ?? false }).text();
  },
});
