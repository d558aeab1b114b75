import { about, ENDED, SAFE, type Words } from './about';

/** The peer cut requests after one time, again and again. */
export const TIME_LIMITS: readonly Words[] = [
  [
    about(
      { cause: 'response_timeout' },
      { limit: { ms: 205, others: 1, silence: false }, due: { what: 'repeat', ms: 205 } },
    ),
    `${ENDED}, like another before: the peer, or a proxy in front of it, may have enforced a time limit`,
    'Look for a limit of about 205 ms (less if it is checked only when the server writes) at the server or its proxy, or for what lost the connection before: after about 205 ms TCP repeats what nobody acknowledges',
    SAFE,
  ],
  [
    about({ cause: 'response_timeout', confidence: 'likely' }, { limit: { ms: 2_010, others: 6, silence: true } }),
    `${ENDED}, like 6 others before, each after 2 s without a byte: the peer, or a proxy in front of it, probably enforced a time limit`,
    'Find the limit of about 2 s (less if it is checked only when the server writes) at the server or its proxy, then raise it or answer sooner',
    SAFE,
  ],
  [
    about({ cause: 'response_timeout' }, { limit: { ms: 2_010, others: 1, silence: false } }),
    `${ENDED}, like another before: the peer, or a proxy in front of it, may have enforced a time limit`,
    'Look for a limit of about 2 s (less if it is checked only when the server writes) at the server or its proxy: if there is one, raise it or answer sooner',
    SAFE,
  ],
  [
    about({ cause: 'response_timeout' }, { limit: { ms: 1_300, others: 7, silence: false, ageMs: 2_001 } }),
    `${ENDED}, like 7 others before: the peer, or a proxy in front of it, may have enforced a time limit`,
    'Look for a limit of about 1.3 s at the server or its proxy, or one of about 2 s on the age of connections',
    SAFE,
  ],
];
