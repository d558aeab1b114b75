/** Configuration by environment variables alone. A wrong value ends the process with a clear message. */

const { SHOP_FIXED = '' } = process.env;
if (!['', '0', '1'].includes(SHOP_FIXED)) fail(`SHOP_FIXED is 1 or 0: "${SHOP_FIXED}"`);
/** `SHOP_FIXED=1`: the clients follow the advice. */
export const isFixed = SHOP_FIXED === '1';

export const host = process.env.HOST ?? '127.0.0.1';

export function portSetting(byDefault: number): number {
  const { PORT = String(byDefault) } = process.env;
  const port = Number(PORT);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : fail(`PORT is not a port: "${PORT}"`);
}

/** A base URL without a path, like `http://orders:8081`. */
export function urlSetting(name: string, byDefault: string): string {
  const value = process.env[name] ?? byDefault;
  if (!URL.canParse(value)) return fail(`${name} is not a URL: "${value}"`);
  const { protocol, pathname, origin } = new URL(value);
  if (protocol !== 'http:' || pathname !== '/')
    return fail(`${name} must be like http://host:port, without a path: "${value}"`);
  return origin;
}

export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
