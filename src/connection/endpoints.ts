/**
 * Both ends of a TCP connection; fields are absent for a Unix socket, or if the socket was gone before they were read.
 */
export interface Endpoints {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly peerAddress: string | undefined;
  readonly peerPort: number | undefined;
}
