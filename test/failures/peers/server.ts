import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tlsFixture } from '../../support/root';

/**
 * A real server of Node's own, in a process of its own: `http`, `https`, or `client-certificate` (https that asks for
 * one, and lets nobody in without). It answers `/ok`; every other path it leaves waiting. It sends its port to its parent.
 */
const key = () => ({
  key: tlsFixture('key.pem'),
  cert: tlsFixture('cert.pem'),
});

const answer: RequestListener = (request, response) => {
  if (request.url?.startsWith('/ok')) response.end('ok');
  else request.resume();
  process.send?.('request');
};

function serverOf(mode: string | undefined) {
  if (mode === 'https') return https.createServer(key(), answer);
  if (mode === 'client-certificate')
    return https.createServer({ ...key(), requestCert: true, rejectUnauthorized: true }, answer);
  return http.createServer(answer);
}

const server = serverOf(process.argv[2]);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
