import net from 'node:net';
import { listen, reportAction } from './report';

/** Speaks SMTP, and greets whoever connects. */
const server = net.createServer((socket) => {
  const port = socket.remotePort;
  socket.on('error', () => undefined);
  socket.once('data', (bytes) => {
    reportAction('spoke-smtp', bytes.toString('latin1').split(' ')[1] ?? '', port);
    socket.end();
  });
  socket.write('220 smtp ESMTP ready\r\n');
});

listen(server);
