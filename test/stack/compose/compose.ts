import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { binaries, stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { output } from '../output';

interface Service {
  readonly image: string;
  readonly build?: object;
  readonly command?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>> | readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly networks?: Readonly<Record<string, { readonly aliases: readonly string[] }>>;
}

/** Declared here because the types that dclint ships cannot be resolved. */
interface Linted {
  readonly messages: readonly { readonly line: number; readonly message: string }[];
}

const file = path.join(stackFolder, 'compose.yaml');
const text = fs.readFileSync(file, 'utf8');
/** As docker compose reads it, merge keys included. */
const { services }: { services: Readonly<Record<string, Service>> } = parse(text, { merge: true });
export const composed = Object.entries(services);

/** Rules about order, which here follows the requests. */
const UNORDERED = ['service-keys-order', 'services-alphabetical-order', 'top-level-properties-order'];

/** Programs that run here, in the versions of the images. */
const EXECUTED = {
  collector: [binaries.collector, '--version'],
  jaeger: [binaries.jaeger, 'version'],
  prometheus: ['prometheus', '--version'],
  alertmanager: ['prometheus-alertmanager', '--version'],
  payments: ['nginx', '-v'],
} as const;

export function staticChecks(): Check[] {
  const check = (name: string, program: string, run: () => string | Promise<string>): Check => {
    return { name: `compose.yaml: ${name}`, program, run: async () => run() };
  };
  return [
    check('no errors', 'dclint', async () => {
      const { DCLinter } = await import('dclint');
      const rules = Object.fromEntries(UNORDERED.map((rule) => [rule, 0 as const]));
      const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
      const results: readonly Linted[] = linter.lintFiles([file], false);
      const messages = results.flatMap((result) => result.messages).map(({ line, message }) => `${line}: ${message}`);
      if (results.length !== 1 || messages.length > 0) throw new Error(messages.join('\n') || 'nothing was read');
      return 'no errors, no warnings';
    }),
    check('each service has a healthcheck, or a reason', 'yaml', () => withoutComplaints(composed.map(health))),
    check('each image has a tag', 'yaml', () =>
      withoutComplaints(composed.map(([, { image }]) => tagOf(image) && undefined)),
    ),
    ...Object.entries(EXECUTED).map(([name, command]) =>
      check(`${name} has the version that is executed here`, path.basename(command[0]), () =>
        sameVersion(name, command),
      ),
    ),
    check('each port is on loopback', 'yaml', () => {
      const ports = composed.flatMap(([, { ports = [] }]) => ports);
      const open = ports.filter((port) => !/^127\.0\.0\.1:(\d+):\1$/.test(port));
      if (open.length > 0) throw new Error(`published elsewhere: ${open.join(', ')}`);
      return `${ports.length} ports`;
    }),
    check('each mounted file exists', 'fs', () => {
      const mounted = composed.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')));
      for (const [source = '', , mode] of mounted) {
        if (!fs.existsSync(path.join(stackFolder, source))) throw new Error(`${source} is missing`);
        if (mode !== 'ro') throw new Error(`${source} is writable`);
      }
      return `${mounted.length} files and folders, read only`;
    }),
    check('a service waits only for the health of services that have a healthcheck', 'yaml', () =>
      withoutComplaints(composed.map(dependencies)),
    ),
    check("the Collector's configuration reads each of its variables", 'yaml', () => {
      const names = Object.keys(services.collector?.environment ?? {});
      const config = fs.readFileSync(path.join(stackFolder, 'collector/config.yaml'), 'utf8');
      const unknown = names.filter((name) => !config.includes(`\${env:${name}:-`));
      if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}`);
      return names.join(', ');
    }),
    check('each address in the configurations is one of its services', 'yaml', addressesKnown),
  ];
}

function withoutComplaints(complaints: readonly (string | undefined)[]): string {
  const found = complaints.filter((complaint) => complaint !== undefined);
  if (found.length > 0) throw new Error(found.join('\n'));
  return `${complaints.length} services`;
}

function health([name, { healthcheck }]: [string, Service]): string | undefined {
  if (healthcheck?.test !== undefined) return undefined;
  const lines = text.split('\n');
  const from = lines.indexOf(`  ${name}:`);
  const at = lines.findIndex((line, i) => i > from && line.trim() === 'healthcheck:');
  if (healthcheck?.disable === true && /^ +# \w.{30}/.test(lines[at - 1] ?? '')) return undefined;
  return `${name} has neither a healthcheck nor a comment above "healthcheck:" that says why not`;
}

function tagOf(image: string): string {
  const tag = /:v?(\d+\.\d+\.\d+[\w.-]*)$/.exec(image)?.[1];
  if (tag === undefined) throw new Error(`${image} has no tag with three numbers`);
  return tag;
}

async function sameVersion(name: string, [command, ...args]: readonly [string, ...string[]]): Promise<string> {
  const tag = tagOf(services[name]?.image ?? '').replace(/-.*/, '');
  const says: readonly string[] = (await output(command, args)).match(/\d+\.\d+\.\d+/g) ?? [];
  if (!says.includes(tag)) throw new Error(`compose.yaml has ${tag}, ${command} is ${says[0]}`);
  return tag;
}

function dependencies([name, { depends_on = [] }]: [string, Service]): string | undefined {
  if (Array.isArray(depends_on)) return depends_on.length === 0 ? undefined : `${name} does not say what it waits for`;
  for (const [other, { condition }] of Object.entries(depends_on)) {
    if (services[other] === undefined) return `${name} waits for ${other}, which is not a service`;
    if (condition === 'service_healthy' && services[other].healthcheck?.test === undefined)
      return `${name} waits indefinitely: ${other} is never healthy`;
  }
  return undefined;
}

const ADDRESSED = [
  'collector/config.yaml',
  'prometheus/prometheus.yml',
  'alertmanager/alertmanager.yml',
  'grafana/provisioning/datasources/datasources.yaml',
  'shop/nginx.conf',
  'compose.yaml',
];

function addressesKnown(): string {
  const networks = Object.values(services).flatMap(({ networks = {} }) => Object.values(networks));
  const known = new Set(['localhost', ...Object.keys(services), ...networks.flatMap(({ aliases }) => aliases)]);
  const found = new Set<string>();
  for (const name of ADDRESSED) {
    const lines = fs.readFileSync(path.join(stackFolder, name), 'utf8').split('\n');
    for (const line of lines.filter((one) => !one.trim().startsWith('#')))
      for (const [, host = ''] of line.matchAll(/(?:http:\/\/|\[)([a-z][a-z-]*):\d{4,5}\b/g)) {
        if (!known.has(host)) throw new Error(`${name}: ${host} is not a service`);
        found.add(host);
      }
  }
  return [...found].join(', ');
}
