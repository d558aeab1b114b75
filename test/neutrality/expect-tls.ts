import diagnosticsChannel from 'node:diagnostics_channel';

/** undici is about to connect to an `https` origin: from then on, sockets of `tls` are observed. */
export function expectTls(): void {
  const connectParams = { protocol: 'https:', hostname: 'localhost', port: '' };
  diagnosticsChannel.channel('undici:client:beforeConnect').publish({ connectParams, connector: () => undefined });
}
