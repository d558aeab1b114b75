import fs from 'node:fs';
import path from 'node:path';
import type { Addresses } from './addresses';
import { stackFolder } from './paths';

/** The files and folders of `examples/stack` that the programs read. */
const COPIED = ['collector', 'prometheus', 'rules', 'alertmanager', 'jaeger', 'runbooks', 'shop/nginx.conf'];

/**
 * Copies the committed configuration files into `folder`, to the same places, with the addresses of this run. `edit`
 * gets each file's committed text first.
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

/** Settings that a container gets from outside and that no environment variable can set. */
function ownEdit(file: string, text: string, paymentsPort: number): string {
  if (file === 'shop/nginx.conf') return text.replace('listen 8082;', `listen 127.0.0.1:${paymentsPort};`);
  // This Jaeger has no pages: links lead to its API.
  if (/^(rules|runbooks)\//.test(file)) return text.replace(/(localhost:\d+)\/search\?/g, '$1/api/traces?');
  // Short intervals, so that the first results show at once.
  if (file === 'prometheus/prometheus.yml') return text.replace(/(_interval: )5s/g, '$11s');
  return text;
}
