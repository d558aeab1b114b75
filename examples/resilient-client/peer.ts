import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isAskedToClose, log } from './peer-log';

/** The peer that misbehaves, each scenario in its way; it logs what it executed. It announces nothing. */

const [, , folder = '', port, replaces] = process.argv;
/** This process waits for another to be killed, and listens in its place a while after it is told to. */
const isReplacement = replaces !== undefined;
const DOWN_MS = 800;
const IDLE_TIMEOUT_MS = 2_000;
/** Text to most clients, and XML that S3's accepts. */
const ANSWER = '<ok><UploadId>1</UploadId></ok>';

process.on('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);

type Behaviour = (call: string, request: IncomingMessage, response: ServerResponse) => void;

const misbehaviours: Readonly<Record<string, Behaviour>> = {
  /** Is killed with two requests in flight. */
  restart() {
    inFlight += 1;
    if (inFlight === 2) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300);
  },
  /** Resets the connection while the body is still being sent. */
  upload: (_, { socket }) => socket.resetAndDestroy(),
  /** Ends the connection inside the response. */
  truncated(_, { socket }, response) {
    response.writeHead(200, { 'Content-Length': 1_000 });
    response.write('half of it', () => socket.destroy());
  },
  /** Executes the request, and ends the connection before the answer. */
  cut(call, request, { socket }) {
    request.resume().on('end', () => {
      log(folder, { executed: call });
      setTimeout(() => socket?.destroy(), 300);
    });
  },
};

let inFlight = 0;
/** A call misbehaves once: what is sent again is answered. */
const misbehaved = new Set<string>();

function answer(call: string, request: IncomingMessage, response: ServerResponse): void {
  request.resume().on('end', () => {
    log(folder, { executed: call });
    response.end(ANSWER);
  });
}

const server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
  clearTimeout(idle.get(request.socket));
  response.on('finish', () => idle.set(request.socket, setTimeout(closeIdle, IDLE_TIMEOUT_MS, request.socket)));
  // S3's client puts the name of the bucket before it, or the name into the query.
  const [call = '', scenario = ''] = /([a-z]+)\.[a-z]+\.\d+/.exec(request.url ?? '') ?? [];
  const misbehave = misbehaviours[scenario];
  const isFirst = !misbehaved.has(call) && !(isReplacement && scenario === 'restart');
  misbehaved.add(call);
  (misbehave !== undefined && isFirst ? misbehave : answer)(call, request, response);
});

const idle = new WeakMap<Socket, NodeJS.Timeout>();

/** What makes the race certain: a connection whose time is up is closed only while the client is busy. */
function closeIdle(socket: Socket): void {
  if (isAskedToClose(folder)) socket.destroy();
  else idle.set(socket, setTimeout(closeIdle, 10, socket));
}

let open = 0;
server.on('connection', (socket) => {
  open += 1;
  log(folder, { open });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearTimeout(idle.get(socket));
    open -= 1;
    log(folder, { open });
  });
});

const listen = () => server.listen(Number(port), '127.0.0.1', () => process.send?.('listening'));
if (isReplacement) process.once('message', () => setTimeout(listen, DOWN_MS));
else listen();
