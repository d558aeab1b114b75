import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { folderOf } from './consumer';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly items?: readonly unknown[] };
  readonly result?: unknown;
}

/** A place in a file; its line counts from 0. */
export interface Place {
  readonly uri: string;
  readonly range: { readonly start: { readonly line: number } };
}

/** TypeScript's language server, as an editor talks to it. */
export class LanguageServer {
  readonly #folder: string;
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #answered = new Map<number, (result: unknown) => void>();
  #received = Buffer.alloc(0);
  #lastId = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#server = spawn(process.execPath, [path.join(folderOf('typescript'), 'bin/tsc'), '--lsp', '--stdio']);
    this.#server.stderr.resume();
    this.#server.stdout.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      for (let message = this.#next(); message !== undefined; message = this.#next()) this.#take(message);
    });
  }

  /** Opens a file of the folder. */
  async open(file: string): Promise<void> {
    await this.#ask('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(this.#folder).href,
      capabilities: {},
    });
    this.#send({ method: 'initialized', params: {} });
    const text = fs.readFileSync(path.join(this.#folder, file), 'utf8');
    const textDocument = { uri: this.#uri(file), languageId: 'typescript', version: 1, text };
    this.#send({ method: 'textDocument/didOpen', params: { textDocument } });
  }

  /** Where "go to definition" leads from the first `name` in the file. */
  async definition(file: string, name: string): Promise<Place[]> {
    const before = fs.readFileSync(path.join(this.#folder, file), 'utf8').split(name)[0] ?? '';
    const position = { line: before.split('\n').length - 1, character: before.length - before.lastIndexOf('\n') - 1 };
    const params = { textDocument: { uri: this.#uri(file) }, position };
    const places = (await this.#ask('textDocument/definition', params)) as Place | Place[] | null;
    return [places ?? []].flat();
  }

  async stop(): Promise<void> {
    const gone = once(this.#server, 'exit');
    this.#server.kill();
    await gone;
  }

  #uri(file: string): string {
    return pathToFileURL(path.join(this.#folder, file)).href;
  }

  #ask(method: string, params: object): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#answered.set(id, resolve);
      this.#server.once('exit', () => reject(new Error(`the language server left before it answered ${method}`)));
      this.#send({ id, method, params });
    });
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  /** The next whole message of those that were received. */
  #next(): Message | undefined {
    const end = this.#received.indexOf('\r\n\r\n') + 4;
    const length = Number(/Content-Length: (\d+)/i.exec(this.#received.toString('latin1', 0, end))?.[1]);
    if (end < 4 || this.#received.length < end + length) return undefined;
    const message: Message = JSON.parse(this.#received.toString('utf8', end, end + length));
    this.#received = this.#received.subarray(end + length);
    return message;
  }

  #take({ id, method, params, result }: Message): void {
    if (id === undefined) return;
    // What the server asks of an editor gets its defaults: null for each setting.
    if (method !== undefined) this.#send({ id, result: params?.items?.map(() => null) ?? null });
    else this.#answered.get(id)?.(result);
  }
}
