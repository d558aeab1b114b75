import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fail, host, portSetting } from '../shop/settings';
import { alertsPage, type Received, type Webhook } from './alerts-page';
import { contents, runbook } from './runbooks';

/**
 * Stands in for the on-call's pager and for the wiki: receives Alertmanager's webhooks and shows the runbooks.
 *
 * `POST /alerts` prints a line for each alert; `GET /alerts` (and `/`) is a page with a row for each;
 * `GET /alerts.json` returns what was received, in order; `GET /runbooks/<cause>` is a page, `/runbooks` their index.
 */
const RUNBOOKS = process.env.RUNBOOKS ?? path.join(__dirname, '../../../../examples/stack/runbooks');
if (!existsSync(RUNBOOKS)) fail(`RUNBOOKS is not a folder: "${RUNBOOKS}"`);
const MAX_BODY_LENGTH = 1_000_000;
const MAX_WEBHOOKS = 1_000;
const HTML = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
};

const received: Received[] = [];

function receive(body: string): void {
  const webhook: Webhook = JSON.parse(body);
  if (!Array.isArray(webhook.alerts)) throw new Error('no list of alerts');
  received.push({ ...webhook, receivedAt: new Date().toISOString() });
  if (received.length > MAX_WEBHOOKS) received.shift();
  for (const { status, labels, annotations } of webhook.alerts)
    console.log(`${status}: ${labels.alertname} (${labels.severity}): ${annotations?.summary ?? ''}`);
}

const server = http.createServer(async (request, response) => {
  const [, first, name = ''] = (request.url ?? '').split(/[/?#]/);
  const route = `${request.method} /${first}`;
  try {
    if (route === 'POST /alerts') {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) {
        body += chunk;
        if (body.length > MAX_BODY_LENGTH) return response.writeHead(413, { Connection: 'close' }).end();
      }
      receive(body);
      return response.writeHead(204).end();
    }
    if (route === 'GET /') return response.writeHead(302, { Location: '/alerts' }).end();
    if (route === 'GET /alerts') return response.writeHead(200, HTML).end(alertsPage(received, process.env.NOTE));
    if (route === 'GET /alerts.json')
      return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(received));
    if (route === 'GET /healthz') return response.end('ok');
    if (route === 'GET /runbooks') {
      // Pages link to each other as files, so that the links also work in the folder itself.
      const html = name === '' ? await contents(RUNBOOKS) : await runbook(RUNBOOKS, name.replace(/\.md$/, ''));
      if (html !== undefined) return response.writeHead(200, HTML).end(html);
    }
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
  } catch (error) {
    response.writeHead(400, { 'Content-Type': 'text/plain' }).end(`${(error as Error).message}\n`);
  }
});

const port = portSetting(9095);
server.on('error', (error) => fail(`pager cannot listen on ${host}:${port}: ${error.message}`));
server.listen(port, host, () => console.log(`pager listens on http://${host}:${port}`));
process.once('SIGTERM', () => {
  server.close(() => process.exit());
  setInterval(() => server.closeIdleConnections(), 100);
});
