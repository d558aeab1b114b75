import type { DocumentKind } from './document';
import { GrowingBuffer } from './growing-buffer';
import { CUT_OFF, parseJson } from './parse-json';

/** What opens a document that is spread over many lines is short. */
const OPENING_BYTES = 4_096;
const [NEWLINE, SPACE, BRACE, BRACKET] = [0x0a, 0x20, 0x7b, 0x5b];
const BLANKS = new Set(Buffer.from(' \t\r'));
const LINE_END = Buffer.from([NEWLINE]);

/** How the lines of one source were read. */
export interface LineCounts {
  /** Lines, or whole documents, with spans. */
  spans: number;
  /** With telemetry that holds no spans. */
  other: number;
  /** Neither: not JSON, or nobody's format. */
  broken: number;
  /** The first broken line: its number from 1, and why. */
  firstBroken: { readonly line: number; readonly why: string } | undefined;
}

/**
 * Reads JSON lines, or one JSON document, from bytes as they come. Which of the two it is shows where the first line is
 * no JSON: it is a document if its lines are indented, else a broken line. Only one line, or one document, is in memory.
 */
export class JsonReader {
  readonly counts: LineCounts = { spans: 0, other: 0, broken: 0, firstBroken: undefined };
  readonly #read: (value: unknown) => DocumentKind;
  /** The line that has begun. */
  readonly #begun = new GrowingBuffer();
  #line = 0;
  /** All lines so far, while they may be a document. */
  #document: { readonly text: GrowingBuffer; lines: number } | undefined;

  constructor(read: (value: unknown) => DocumentKind) {
    this.#read = read;
  }

  /** The chunk may be used again afterwards. */
  push(chunk: Buffer): void {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      if (this.#begun.length === 0) this.#endLine(chunk.subarray(from, to));
      else {
        this.#begun.append(chunk.subarray(from, to));
        this.#endBegun();
      }
      from = to + 1;
    }
    if (from < chunk.length) this.#begun.append(chunk.subarray(from));
  }

  end(): void {
    if (this.#begun.length > 0) this.#endBegun();
    if (this.#document === undefined) return;
    if (this.#parse(this.#document.text.bytes) === undefined) this.#document = undefined;
    else this.#giveUpDocument(CUT_OFF);
  }

  #endBegun(): void {
    if (this.#begun.isTooLong) {
      this.#line += 1;
      this.#break('longer than 256 MB');
    } else this.#endLine(this.#begun.bytes);
    this.#begun.clear();
  }

  #endLine(line: Buffer): void {
    this.#line += 1;
    if (this.#document !== undefined && !startsRecord(line)) this.#collect(line);
    else if (!isBlank(line)) this.#readLine(line);
  }

  #readLine(line: Buffer): void {
    const why = this.#parse(line);
    if (why === undefined) this.#giveUpDocument(CUT_OFF);
    else if (this.#document !== undefined) this.#collect(line);
    else if (this.#line === 1 && why === CUT_OFF && line.length <= OPENING_BYTES && opensDocument(line)) {
      this.#document = { text: new GrowingBuffer(), lines: 0 };
      this.#collect(line);
    } else this.#break(why);
  }

  /** Undefined if it was read, else why not. */
  #parse(text: Buffer): string | undefined {
    const { value, why } = parseJson(text);
    if (why !== undefined) return why;
    const kind = this.#read(value);
    if (kind === 'unknown') return 'JSON, but neither OTLP nor an answer of Jaeger or Tempo';
    this.counts[kind] += 1;
    return undefined;
  }

  #collect(line: Buffer): void {
    if (this.#document === undefined) return;
    const { text } = this.#document;
    text.append(line);
    text.append(LINE_END);
    this.#document.lines += 1;
    if (text.isTooLong) this.#giveUpDocument('a document of more than 256 MB: use JSON lines, one export a line');
  }

  /** It was no document: the lines that were kept for it are broken. */
  #giveUpDocument(why: string): void {
    if (this.#document === undefined) return;
    this.counts.broken += this.#document.lines;
    this.counts.firstBroken ??= { line: 1, why };
    this.#document = undefined;
  }

  #break(why: string): void {
    this.counts.broken += 1;
    this.counts.firstBroken ??= { line: this.#line, why };
  }
}

/** Indented lines continue a document; a record starts with its brace. */
function startsRecord(line: Buffer): boolean {
  return line[0] === BRACE && line.length > 2;
}

function opensDocument(line: Buffer): boolean {
  const first = line.find((byte) => byte > SPACE);
  return first === BRACE || first === BRACKET;
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => BLANKS.has(byte));
}
