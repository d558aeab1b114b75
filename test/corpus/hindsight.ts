import { SpanKind } from '@opentelemetry/api';
import { Collection } from '../../src/diagnose/collect/collection';
import { hindsightOf } from '../../src/diagnose/hindsight/hindsight';
import { type Attributes, addAttribute } from '../../src/diagnose/read/attributes';
import { httpSpan, libraryOf } from '../../src/diagnose/read/http-span';
import type { EndedSpan } from '../support/sdk';

type Time = readonly [seconds: number, nanoseconds: number];

/** A span as the SDK has it when it ends. */
type TimedSpan = EndedSpan & { readonly startTime: Time; readonly endTime: Time };

const milliseconds = ([seconds, nanoseconds]: Time) => seconds * 1_000 + nanoseconds / 1e6;

/** What `diagnose` makes of each failed span with all the others at hand, where that is not what the span says. */
export function judgedAgain(spans: readonly EndedSpan[]): Map<EndedSpan, string> {
  const collection = new Collection({ sinceMs: undefined, services: [] });
  const failed: EndedSpan[] = [];
  for (const span of spans as readonly TimedSpan[]) {
    const attributes: Attributes = {};
    for (const [key, value] of Object.entries(span.attributes)) addAttribute(attributes, key, value);
    const library = libraryOf(span.instrumentationScope.name);
    const sender = { service: 'corpus', serviceName: 'corpus', instance: 'corpus', library };
    const kind = span.kind === SpanKind.CLIENT ? 'client' : undefined;
    const read = httpSpan(kind, sender, milliseconds(span.startTime), milliseconds(span.endTime), attributes);
    if (read !== undefined) collection.http(read);
    if (collection.table.length > failed.length) failed.push(span);
  }
  const causes = new Map<EndedSpan, string>();
  for (const [index, { cause }] of hindsightOf(collection).judgements) {
    const span = failed[index];
    if (span !== undefined) causes.set(span, cause);
  }
  return causes;
}
