import net, { type AddressInfo, type Socket } from 'node:net';

const [host = '', port = '', delay = '0'] = process.argv.slice(2);
const delayMs = Number(delay);

/** All that `from` brings reaches `to` later: timers of one duration keep their order. */
function carry(from: Socket, to: Socket): void {
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => setTimeout(() => to.resetAndDestroy(), delayMs));
  from.on('close', () => setTimeout(() => to.end(), delayMs));
}

const server = net.createServer({ allowHalfOpen: true }, (client) => {
  const origin = net.connect({ host, port: Number(port), allowHalfOpen: true });
  carry(client, origin);
  carry(origin, client);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
