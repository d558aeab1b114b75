import type { Row } from '../assemble';
import { text } from '../panels';

const MARKDOWN = `
**Read it from the top.** 1 names the peer and the cause. 2 says whether idle connections are to blame. 3 compares the two limits. 4 says what fails next. 5 says whether a retry helps until the limits are right. Choose one job and one peer at the top to see only theirs.

| what you see | what it means | what to change |
| --- | --- | --- |
| [stale_keepalive](\${runbooks}/stale_keepalive), only on reused connections, mismatch in step 3 | the peer closes idle connections before this client does | the client's idle limit to the advised one in step 3; the peer's above it otherwise |
| [idle_expired](\${runbooks}/idle_expired) | a NAT, load balancer or firewall forgot the idle connection | the client's idle limit below that of the path (AWS NLB and NAT gateway 350 s, Azure 4 min) |
| [recycled](\${runbooks}/recycled) | the peer retires connections after a number of requests or an age | nothing about idle limits; retry what is safe |
| [peer_restart](\${runbooks}/peer_restart), several peers' connections at once | the peer went away with requests in flight | drain before exit; look for a crash at that time |
| [response_timeout](\${runbooks}/response_timeout) | a proxy or the server cuts requests at a time limit | that limit, or the response's time |
| [rejected](\${runbooks}/rejected), on first requests | a limiter, a body limit or a firewall | the rate, the size; never retry at once |
| [not_listening](\${runbooks}/not_listening), [connect_timeout](\${runbooks}/connect_timeout), [unreachable](\${runbooks}/unreachable), [name_not_resolved](\${runbooks}/name_not_resolved), [tls_failed](\${runbooks}/tls_failed), [protocol_mismatch](\${runbooks}/protocol_mismatch) | there was no connection to speak over | the address, the route, the certificate, the scheme |
| [client_timeout](\${runbooks}/client_timeout), [pool_closed](\${runbooks}/pool_closed), [local_resource](\${runbooks}/local_resource) | this process ended it | its timeout, its shutdown, its limits |
| [unknown](\${runbooks}/unknown) | the evidence is missing or in conflict; no cause is made up | look at the peer's log at that time |
| near misses, no failures | the same fault as stale_keepalive, before it strikes | the advised limit, now |
| \`_OTHER\` as a peer | more than \`maxOrigins\` hosts | \`maxOrigins\`, or fewer host names |

Every failed span carries \`socket.failure.explanation\`: what happened, the numbers that show it, the change to make.
`.trim();

export const howToRead: Row = {
  title: '7. How to read this, and what to change',
  panels: [
    text('How to read this', 'From what you see to what to change; every cause has a runbook.', MARKDOWN).height(15),
  ],
};
