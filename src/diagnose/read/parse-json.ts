import v8 from 'node:v8';

/** Texts below this size are parsed without a thought for memory. */
const LARGE_BYTES = 16 * 1024 * 1024;
/** What a value takes in memory at most: an object or a list, and a number, string or flag in it. */
const BYTES_OF_CONTAINER = 80;
const BYTES_OF_VALUE = 16;

/** What is wrong with a text that begins like JSON, and does not end like it. */
export const CUT_OFF = 'not JSON, or cut off';

export type Parsed =
  | { readonly value: unknown; readonly why?: undefined }
  | { readonly value?: undefined; readonly why: string };

/** Parses JSON or returns why it cannot, including for lack of memory in this process. */
export function parseJson(text: Buffer): Parsed {
  if (text.length > LARGE_BYTES && memoryFor(text) > available())
    return {
      why: `a document of ${Math.round(text.length / 1e6)} MB needs more memory: NODE_OPTIONS=--max-old-space-size=8192`,
    };
  try {
    return { value: JSON.parse(text.toString('utf8', startsWithMark(text) ? MARK.length : 0)) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) return { why: 'too large to be parsed' };
    return { why: text[0] === 0 ? 'binary, not JSON' : CUT_OFF };
  }
}

/** The byte order mark that some editors write. */
const MARK = [0xef, 0xbb, 0xbf];
const startsWithMark = (text: Buffer) => MARK.every((byte, i) => text[i] === byte);

function available(): number {
  const { heap_size_limit: limit, used_heap_size: used } = v8.getHeapStatistics();
  return (limit - used) * 0.9;
}

const [BRACE, BRACKET, COMMA] = [0x7b, 0x5b, 0x2c];

/** The heap that its values take at most; its text and its strings come on top. */
function memoryFor(text: Buffer): number {
  let bytes = text.length * 2;
  for (const byte of text) {
    if (byte === BRACE || byte === BRACKET) bytes += BYTES_OF_CONTAINER;
    else if (byte === COMMA) bytes += BYTES_OF_VALUE;
  }
  return bytes;
}
