import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, reportAction } from './report';

/**
 * Is killed with requests in flight, three of each application. The demo starts it again on the same port, and then it
 * answers.
 */
const [, , port, applications, isReplacement] = process.argv;
let inFlight = 0;

const server = http.createServer(async ({ socket, url: call = '' }, response) => {
  if (isReplacement !== undefined) return response.end('ok');
  reportAction('killed', call, socket.remotePort);
  inFlight += 1;
  if (inFlight < 3 * Number(applications)) return;
  await sleep(300);
  process.kill(process.pid, 'SIGKILL');
});

listen(server, Number(port));
