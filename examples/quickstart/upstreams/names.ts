import dgram from 'node:dgram';
import { reportPort } from './report';

/** A DNS server that knows no name. */
const NO_SUCH_NAME = 3;

const server = dgram.createSocket('udp4', (question, { port, address }) => {
  const answer = Buffer.from(question);
  // It is an answer; recursion is available; there is no such name.
  answer.writeUInt16BE(0x8180 | NO_SUCH_NAME, 2);
  server.send(answer, port, address);
});

server.bind(0, '127.0.0.1', () => reportPort(server.address().port));
