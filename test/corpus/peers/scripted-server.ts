import fs from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { tlsFixture } from '../../support/root';
import { chance } from '../chance';
import type { Command, PeerOptions } from './peer';
import { type Log, ScriptedConnection } from './scripted-connection';
import { act } from './scripted-words';

/*
 * The program of two peers, in a process of its own: `node`, Node's http server, which is also the application behind
 * the proxies, and `scripted`, a bare TCP or TLS server that does whatever a server can do to a client.
 */
const [kind = '', folder = '', text = '{}'] = process.argv.slice(2);
const options: PeerOptions = JSON.parse(text);
const identity = options.secure === true ? { key: tlsFixture('key.pem'), cert: tlsFixture('cert.pem') } : undefined;

const append = (name: string) => {
  const file = fs.openSync(path.join(folder, name), 'a');
  return (line: string) => void fs.writeSync(file, line);
};
const processed = append('processed');
const fates = append('fates');
/** One byte for each command that was carried out. */
const done = append('done');

const log: Log = {
  processed: (id) => id !== undefined && processed(`${id}\n`),
  did: (cause, id) => id !== undefined && fates(`did ${id} ${cause}\n`),
  ended: (port, reason) => port !== undefined && fates(`ended ${port} ${reason}\n`),
};

function answer({ url = '/', headers, socket }: IncomingMessage, response: ServerResponse): void {
  log.processed(headers['x-id'] as string | undefined);
  const { verb, ms } = act(url);
  if (verb === 'slow') setTimeout(() => response.end('late'), ms);
  else if (verb === 'cut') setTimeout(() => socket.destroy(), ms);
  else if (verb === 'half' || verb === 'stuck') {
    response.writeHead(200, { 'content-length': 20_000 }).write('x'.repeat(10_000));
    if (verb === 'half') setTimeout(() => socket.destroy(), ms);
  } else response.end('ok');
}

function nodeServer(): net.Server {
  const server = identity === undefined ? http.createServer(answer) : https.createServer(identity, answer);
  server.on('request', (request) => request.resume());
  server.keepAliveTimeout = options.idleMs ?? 600_000;
  server.on('error', () => process.exit(1));
  return server;
}

let dropsNew = false;
const connections = new Set<ScriptedConnection>();

function scriptedServer(): net.Server {
  const serve = (socket: Socket) => {
    const gone = () => connections.delete(connection);
    const connection: ScriptedConnection = new ScriptedConnection(socket, options, log, dropsNew, gone);
    connections.add(connection);
  };
  return identity === undefined ? net.createServer(serve) : tls.createServer(identity, serve);
}

/** Ends one idle connection after the other, at random: so many a second, at moments that have nothing to do with requests. */
function churn({ perSecond, seed, hits }: NonNullable<PeerOptions['churn']>): void {
  const random = chance(seed);
  const next = () => setTimeout(end, (-Math.log(1 - random()) * 1_000) / perSecond);
  const end = () => {
    const idle = [...connections].filter(({ isIdle, isBystander }) => isIdle && (hits === 'all' || isBystander));
    const [how, place] = [random(), random()];
    idle[Math.floor(place * idle.length)]?.end(how < 0.7 ? 'fin' : how < 0.85 ? 'rst' : 'destroy', 'churn');
    next();
  };
  next();
}

function obey(command: Command): void {
  if (command.do === 'drop-new') dropsNew = command.on;
  if (command.do === 'broadcast') for (const connection of connections) connection.say();
  if (command.do === 'exit') process.exit(0);
  const idle = [...connections].filter(({ isIdle }) => isIdle);
  if (command.do === 'deaf') for (const connection of idle) connection.pause();
  const chosen = command.do === 'end-idle' ? idle.filter((one, i) => isMeant(command, one, i)) : [];
  let left = chosen.length;
  const finish = () => void done('.');
  if (left === 0) finish();
  for (const connection of chosen) {
    connection.end(command.do === 'end-idle' ? command.how : 'fin', 'command', () => {
      left -= 1;
      if (left === 0) finish();
    });
  }
}

function isMeant({ every = 1, of }: Command & { do: 'end-idle' }, one: ScriptedConnection, i: number): boolean {
  return i % every === 0 && (of === undefined || one.isBystander === (of === 'bystanders'));
}

const server = kind === 'node' ? nodeServer() : scriptedServer();
server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () =>
  process.send?.((server.address() as AddressInfo).port),
);
if (options.churn !== undefined && options.churn.perSecond > 0) churn(options.churn);
process.on('message', obey);
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
