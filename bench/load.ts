import net, { type Socket } from 'node:net';
import { BODY } from './requests';

const REQUEST = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\n';

/** Keep-alive connections that send requests as bytes, so that the load costs little and is the same for everybody. */
export class Load {
  readonly #port: number;
  readonly #connections: Promise<readonly Connection[]>;

  constructor(port: number, concurrency: number) {
    this.#port = port;
    this.#connections = Promise.all(Array.from({ length: concurrency }, () => this.#connect()));
  }

  /** Sends `count` requests and returns how long that took, µs. */
  async send(count: number): Promise<number> {
    const connections = await this.#connections;
    let left = count;
    const startNs = process.hrtime.bigint();
    await Promise.all(
      connections.map(async (connection) => {
        for (; left > 0; ) {
          left -= 1;
          await connection.exchange();
        }
      }),
    );
    return Number(process.hrtime.bigint() - startNs) / 1_000;
  }

  #connect(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.#port, '127.0.0.1', () => resolve(new Connection(socket)));
      socket.setNoDelay(true).on('error', reject);
    });
  }
}

class Connection {
  readonly #socket: Socket;
  #received = '';
  #done: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.#received += bytes.toString('latin1');
      if (!this.#received.includes(BODY)) return;
      this.#received = '';
      this.#done();
    });
  }

  exchange(): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#socket.write(REQUEST);
    });
  }
}
