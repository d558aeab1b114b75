import fs from 'node:fs';
import path from 'node:path';
import type { Addresses } from './addresses';
import { stackFolder } from './paths';

/** What the programs read, of `examples/stack`. */
const COPIED = ['collector', 'prometheus', 'rules', 'alertmanager', 'jaeger', 'runbooks', 'shop/nginx.conf'];

/**
 * Copies of the committed configuration files in `folder`, in the same places, with the addresses of this run. `edit`
 * sees each file's committed text first.
 */
export function copyConfiguration(
  folder: string,
  { port, replaceIn }: Addresses,
  edit: (file: string, text: string) => string,
): void {
  for (const file of COPIED.flatMap(filesIn)) {
    const text = replaceIn(edit(file, fs.readFileSync(path.join(stackFolder, file), 'utf8')));
    const copy = path.join(folder, file);
    fs.mkdirSync(path.dirname(copy), { recursive: true });
    fs.writeFileSync(copy, ownEdit(file, text, port('payments:8082')));
  }
}

function filesIn(place: string): string[] {
  const whole = path.join(stackFolder, place);
  if (!fs.statSync(whole).isDirectory()) return [place];
  return fs.readdirSync(whole).map((name) => path.posix.join(place, name));
}

/** What a container is given from outside, and no environment variable can say. */
function ownEdit(file: string, text: string, paymentsPort: number): string {
  if (file === 'shop/nginx.conf') return text.replace('listen 8082;', `listen 127.0.0.1:${paymentsPort};`);
  // Nobody is to wait for the first picture.
  if (file === 'prometheus/prometheus.yml') return text.replace(/(_interval: )5s/g, '$11s');
  return text;
}
