/** The text of a panel, in Markdown. */
export const WHAT_TO_CHANGE = `
**Read the dashboard from the top.** 1 names the peer and the cause. 2 shows whether idle connections are the problem. 3 compares the two idle timeouts. 4 shows whether a retry helps until they are right, and what to change. Near misses are what fails next. Choose one job and one peer at the top to see only theirs.

| what you see | what it means | what to change |
| --- | --- | --- |
| [stale_keepalive](\${runbooks}/stale_keepalive), only on reused connections, with a mismatch in 3 | the peer closes idle connections before this client does | set the client’s idle timeout to the advised one in 3, or raise the peer’s above the client’s |
| [idle_expired](\${runbooks}/idle_expired) | a NAT, load balancer or firewall forgot the idle connection | the client’s idle timeout below that of the path (AWS NLB and NAT gateway 350 s, Azure 4 min) |
| [recycled](\${runbooks}/recycled) | the peer retires connections after a number of requests or an age | no idle timeout; retry what is safe to retry |
| [peer_restart](\${runbooks}/peer_restart), on several connections at once | the peer went away with requests in flight | drain before exit; look for a crash at that time |
| [peer_aborted](\${runbooks}/peer_aborted) | the peer or a proxy ended a request in flight, and nothing shows why | the handler or worker in the peer’s log at that time |
| [response_timeout](\${runbooks}/response_timeout) | a proxy or the server cuts requests at a time limit | that limit, or the time that the response takes |
| [rejected](\${runbooks}/rejected), on first requests | a limiter, a body limit or a firewall | the rate, the size; never retry at once |
| [not_listening](\${runbooks}/not_listening), [connect_timeout](\${runbooks}/connect_timeout), [unreachable](\${runbooks}/unreachable), [name_not_resolved](\${runbooks}/name_not_resolved), [tls_failed](\${runbooks}/tls_failed), [protocol_mismatch](\${runbooks}/protocol_mismatch) | no usable connection was established | the address, the route, the certificate, the scheme |
| [request_incomplete](\${runbooks}/request_incomplete) | this process never finished the request | the \`Content-Length\`, the missing \`end()\`, the source of the body |
| [client_timeout](\${runbooks}/client_timeout), [pool_closed](\${runbooks}/pool_closed), [local_resource](\${runbooks}/local_resource) | this process ended it | its timeout, its shutdown, its limits |
| [unknown](\${runbooks}/unknown) | the evidence is missing or in conflict, and no cause is made up | look at the peer’s log at that time |
| near misses, no failures | the same problem as stale_keepalive, before the first failure | the advised idle timeout, now |
| \`_OTHER\` as a peer | there are more than \`maxOrigins\` hosts | \`maxOrigins\`, or fewer host names |

Every failed span has \`socket.failure.explanation\`: what happened, the numbers that show it, the change to make.
`.trim();
