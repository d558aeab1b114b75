import dns from 'node:dns';

/**
 * Only without docker, by `node --require`: resolves the names of the shop to this machine, so that telemetry has
 * `payments` there too, and not `127.0.0.1`.
 */
const NAMES = new Set(['gateway', 'orders', 'payments', 'inventory', 'mailer']);
const { lookup } = dns;

dns.lookup = ((name: string, ...rest: unknown[]) =>
  Reflect.apply(lookup, dns, [NAMES.has(name) ? '127.0.0.1' : name, ...rest])) as typeof lookup;
