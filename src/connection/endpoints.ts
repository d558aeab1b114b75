/** Both ends of a TCP connection; absent fields: a Unix socket, or a socket that was gone before it was asked. */
export interface Endpoints {
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly peerAddress: string | undefined;
  readonly peerPort: number | undefined;
}
