import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { readDocument } from './document';
import { JsonReader, type LineCounts } from './json-lines';
import type { SpanSink } from './otlp';

/** Large enough to be fast, small beside the memory that may be used. */
const CHUNK_BYTES = 256 * 1024;
const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
/** What PowerShell writes. */
const UTF_16 = [0xff, 0xfe];

/** A source that cannot be read; the message is for the person who named it. */
export class UnreadableError extends Error {}

/** Why reading ended early, after something was read; throws the error if nothing was. */
export function stoppedBy(error: unknown, hasRead: boolean): string {
  if (!hasRead || !(error instanceof UnreadableError)) throw error;
  return error.message;
}

/** Told how many bytes were read so far. */
export type Progress = (bytes: number) => void;

/** How a file was read. */
export interface FileCounts extends LineCounts {
  /** Why its end could not be read; undefined if it could. */
  readonly stopped: string | undefined;
}

/** Reads a file, or standard input if its name is `-`; unpacks gzip. */
export async function readFile(name: string, sink: SpanSink, progress: Progress): Promise<FileCounts> {
  const called = name === '-' ? 'standard input' : name;
  const reader = new JsonReader((value) => readDocument(value, sink));
  try {
    const input = name === '-' ? process.stdin : chunksOf(name);
    for await (const chunk of unpacked(counted(input, progress))) reader.push(chunk);
    reader.end();
    return { ...checked(reader.counts), stopped: undefined };
  } catch (error) {
    const reason = error instanceof UnreadableError ? undefined : REASONS[codeOf(error)];
    const hint = codeOf(error) === 'ENOENT' && ADDRESS.test(name) ? ' (an address begins with http://)' : '';
    const unreadable = new UnreadableError(`${called}: ${reason ?? (error as Error).message}${hint}`);
    return { ...reader.counts, stopped: stoppedBy(unreadable, reader.counts.spans > 0) };
  }
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException).code);
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'is a folder: name its files',
};

/** It ends with a port. */
const ADDRESS = /:\d+\/?$/;

/** The bytes of a file, always in the same memory. */
async function* chunksOf(name: string): AsyncGenerator<Buffer> {
  const file = await fs.promises.open(name);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* counted(input: AsyncIterable<unknown>, progress: Progress): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of input) {
    bytes += (chunk as Buffer).length;
    progress(bytes);
    yield chunk as Buffer;
  }
}

/** The bytes of the input, without their compression. */
async function* unpacked(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const first = await chunks.next();
  if (first.done) return;
  if (startsWith(first.value, ZSTD)) throw new UnreadableError('is compressed: pipe it through `zstd -dc`');
  if (startsWith(first.value, UTF_16)) throw new UnreadableError('is UTF-16: convert it to UTF-8');
  if (startsWith(first.value, GZIP)) yield* inflated(first.value, chunks);
  else {
    yield first.value;
    yield* chunks;
  }
}

async function* inflated(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // Copies, because a stream keeps what it has not yet unpacked.
  async function* all() {
    yield Buffer.from(first);
    for await (const chunk of rest) yield Buffer.from(chunk);
  }
  const gunzip = zlib.createGunzip({ chunkSize: CHUNK_BYTES });
  const feeding = pipeline(all(), gunzip);
  // Its error also ends the loop below.
  feeding.catch(() => undefined);
  for await (const chunk of gunzip) yield chunk as Buffer;
  await feeding;
}

function startsWith(chunk: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => chunk[i] === byte);
}

/** A source without a single span or other telemetry was probably named by mistake. */
function checked(counts: LineCounts): LineCounts {
  const { spans, other, firstBroken } = counts;
  if (spans + other > 0) return counts;
  if (firstBroken === undefined) throw new UnreadableError('is empty');
  throw new UnreadableError(`holds no spans (line ${firstBroken.line}: ${firstBroken.why})`);
}
