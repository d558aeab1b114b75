import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { listen, reportAction } from './report';

/**
 * A healthy server behind a path that forgets. What a NAT gateway or a cloud load balancer does after some minutes,
 * this relay does after 1.5 s of silence: it forwards nothing more on that connection and notifies neither side, no
 * FIN, no RST.
 */
const FORGETS_AFTER_MS = 1_500;

const healthy = http.createServer({ keepAliveTimeout: 60_000 }, (_, response) => response.end('ok'));

const path = net.createServer({ allowHalfOpen: true }, (client) => {
  const server = net.connect({ port: (healthy.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const port = client.remotePort;
  let call = '';
  let isForgotten = false;
  let timer: NodeJS.Timeout | undefined;

  const forget = () => {
    isForgotten = true;
    reportAction('forgotten', call, port);
  };
  const forward = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => {
      if (isForgotten) return;
      clearTimeout(timer);
      timer = setTimeout(forget, FORGETS_AFTER_MS);
      if (from === client) call = bytes.toString('latin1').split(' ')[1] ?? '';
      to.write(bytes);
    });
    from.on('end', () => {
      if (!isForgotten) to.end();
    });
    from.on('error', () => undefined);
  };
  forward(client, server);
  forward(server, client);
  client.on('end', () => {
    if (isForgotten) return;
    clearTimeout(timer);
    reportAction('left-by-client', call, port);
  });
});

healthy.listen(0, '127.0.0.1', () => listen(path));
