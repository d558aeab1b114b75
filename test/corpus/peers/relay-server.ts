import net, { type AddressInfo, type Socket } from 'node:net';

const [peers = '[]', delay = '0'] = process.argv.slice(2);
const places: { host: string; port: number }[] = JSON.parse(peers);
const delayMs = Number(delay);
let turn = 0;

/** All that `from` brings reaches `to` later: timers of one duration keep their order. */
function carry(from: Socket, to: Socket): void {
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => setTimeout(() => to.resetAndDestroy(), delayMs));
  from.on('close', () => setTimeout(() => to.end(), delayMs));
}

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const place = places[turn % places.length];
  turn += 1;
  if (place === undefined) throw new Error('a relay needs a peer');
  const origin = net.connect({ ...place, allowHalfOpen: true });
  carry(client, origin);
  carry(origin, client);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
