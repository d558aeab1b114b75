import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of the repository, or of the copy of it in which a cell of the matrix runs. */
export const root = path.resolve(__dirname, '../../..');

/** The self-signed certificate for `localhost` and its key. */
export function tlsFixture(name: 'cert.pem' | 'key.pem'): Buffer {
  return readFileSync(path.join(root, 'test/support/tls', name));
}
