import type { DocumentKind } from './document';
import { GrowingBuffer } from './growing-buffer';
import { CUT_OFF, parseJson } from './parse-json';

/** What opens a document that is spread over many lines is short. */
const OPENING_BYTES = 4_096;
const [NEWLINE, RETURN, SPACE, COMMA, BRACE, BRACKET] = [0x0a, 0x0d, 0x20, 0x2c, 0x7b, 0x5b];
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
 * Reads JSON lines, or JSON documents over many lines, from bytes as they come. If the first line is not JSON, indented
 * lines mean a document; otherwise the line is broken. A list with a line for each of its elements is read as lines.
 * Only one line, or one document, is in memory.
 */
export class JsonReader {
  readonly counts: LineCounts = { spans: 0, other: 0, broken: 0, firstBroken: undefined };
  readonly #read: (value: unknown) => DocumentKind;
  /** The line that has begun. */
  readonly #begun = new GrowingBuffer();
  #line = 0;
  /** All lines so far, while they may be a document. */
  #document: { readonly text: GrowingBuffer; readonly first: number; lines: number; failedBytes: number } | undefined;

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
    if (this.#document !== undefined && !startsRecord(line)) {
      this.#collect(line);
      if (isOneOf(line, CLOSING)) this.#endDocument();
    } else if (!isBlank(line)) this.#readLine(line);
  }

  #readLine(line: Buffer): void {
    const why = this.#parse(withoutComma(line));
    if (why === undefined) this.#giveUpDocument(CUT_OFF);
    else if (this.#document !== undefined) this.#collect(line);
    else if (why === CUT_OFF && (isOneOf(line, OPENING) || (this.#line === 1 && opensDocument(line)))) {
      this.#document = { text: new GrowingBuffer(), first: this.#line, lines: 0, failedBytes: 0 };
      this.#collect(line);
    } else if (!isOneOf(line, CLOSING)) this.#break(why);
  }

  /**
   * The lines so far may be a whole document, and another one may follow. After a failure they have to become twice as
   * long first, so that no text is parsed again and again.
   */
  #endDocument(): void {
    if (this.#document === undefined) return;
    const { text, failedBytes } = this.#document;
    if (text.length < failedBytes * 2) return;
    if (this.#parse(text.bytes) === undefined) this.#document = undefined;
    else this.#document.failedBytes = text.length;
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
    if (!isOneOf(line, OPENING)) this.#document.lines += 1;
    if (text.isTooLong) this.#giveUpDocument('a document of more than 256 MB: use JSON lines, one export a line');
  }

  /** It was not a document, so the lines kept for it are broken. */
  #giveUpDocument(why: string): void {
    if (this.#document === undefined) return;
    const { lines, first } = this.#document;
    this.counts.broken += lines;
    if (lines > 0) this.counts.firstBroken ??= { line: first, why };
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

/** Lines that hold nothing but what opens or closes a document. */
const OPENING: ReadonlySet<string> = new Set(['{', '[']);
const CLOSING: ReadonlySet<string> = new Set(['}', ']', '},']);

function isOneOf(line: Buffer, texts: ReadonlySet<string>): boolean {
  return line.length <= 3 && texts.has(line.toString('latin1').trimEnd());
}

/** What separates the elements of a list. */
function withoutComma(line: Buffer): Buffer {
  const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
  return line[end - 1] === COMMA ? line.subarray(0, end - 1) : line;
}

function opensDocument(line: Buffer): boolean {
  if (line.length > OPENING_BYTES) return false;
  const first = line.find((byte) => byte > SPACE);
  return first === BRACE || first === BRACKET;
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => BLANKS.has(byte));
}
