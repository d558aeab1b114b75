import fs from 'node:fs';

/** The part of OTLP that this example reads. */
interface Document {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface OtlpSpan {
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
}

const CLIENT = 3;

/** What one request came to, as its CLIENT span has it. */
export interface Ended {
  readonly status: number | undefined;
  readonly kind: string | undefined;
  readonly cause: string | undefined;
}

export function clientSpans(file: string): Ended[] {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const documents = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Document);
  const spans = documents.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  return spans.filter(({ kind }) => kind === CLIENT).map(ended);
}

function ended({ attributes }: OtlpSpan): Ended {
  const attribute = (name: string) => attributes.find(({ key }) => key === name)?.value;
  const status = attribute('http.response.status_code')?.intValue;
  return {
    status: status === undefined ? undefined : Number(status),
    kind: attribute('socket.failure.kind')?.stringValue,
    cause: attribute('socket.failure.cause')?.stringValue,
  };
}
