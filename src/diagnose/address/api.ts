import { LONGEST_BYTES } from '../read/growing-buffer';
import { parseJson } from '../read/parse-json';
import { type Progress, UnreadableError } from '../read/read-bytes';

const TIMEOUT_MS = 60_000;

export type Parameters = Readonly<Record<string, string | number>>;

/** Reads from an HTTP API below one address. */
export class Api {
  /** The address without what is secret in it. */
  readonly name: string;
  readonly #base: URL;
  readonly #headers: Record<string, string> = { Accept: 'application/json' };
  readonly #progress: Progress;
  #bytes = 0;

  constructor(address: string, progress: Progress) {
    const url = urlOf(address);
    const { username, password } = url;
    if (username !== '') {
      const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
      this.#headers.Authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    }
    url.username = '';
    url.password = '';
    this.#base = url;
    this.#progress = progress;
    this.name = `${url.origin}${url.pathname.replace(/\/$/, '')}`;
  }

  /** The parsed answer; undefined if there is nothing at this path (404). */
  async json(path: string, parameters: Parameters = {}): Promise<unknown> {
    const body = await this.#get(path, parameters);
    if (body === undefined) return undefined;
    const { value, why } = parseJson(body);
    if (why !== undefined) throw new UnreadableError(`${this.name}${path}: ${why}`);
    return value;
  }

  /** The answer as it is; undefined if there is nothing at this path (404, or another refusal). */
  async text(path: string): Promise<string | undefined> {
    return (await this.#get(path, {}, true))?.toString('utf8');
  }

  async #get(path: string, parameters: Parameters, isProbe = false): Promise<Buffer | undefined> {
    const url = new URL(this.#base);
    url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
    for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, String(value));
    try {
      const response = await fetch(url, { headers: this.#headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = await this.#bodyOf(response);
      if (response.ok) return body;
      if (response.status === 404 || (isProbe && response.status !== 401 && response.status !== 403)) return undefined;
      throw new UnreadableError(`${this.name}${path}: ${response.status} ${body.toString('utf8', 0, 200)}`);
    } catch (error) {
      if (error instanceof UnreadableError) throw error;
      throw new UnreadableError(`${this.name}: ${reasonOf(error as Error)}`);
    }
  }

  async #bodyOf(response: Response): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > LONGEST_BYTES) throw new UnreadableError(`${this.name}: an answer of more than 256 MB`);
      chunks.push(chunk);
      this.#progress(this.#bytes + length);
    }
    this.#bytes += length;
    return Buffer.concat(chunks);
  }
}

function urlOf(address: string): URL {
  try {
    return new URL(address);
  } catch {
    throw new UnreadableError(`${address}: not a valid address`);
  }
}

function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  const { code, message } = (error.cause ?? {}) as { readonly code?: string; readonly message?: string };
  return code ?? message ?? error.message;
}
