export const HELP = `npx opentelemetry-instrumentation-socket diagnose SOURCE… [options]

Says which host resets connections, on first requests or only on reused ones, whose idle timeout is
shorter, what happened at which moment, and what to change. It only reads, and sends nothing but
queries to the addresses that you name.

SOURCE
  FILE                  OTLP in JSON lines, as the Collector's file exporter writes them, of any size;
                        or one JSON document of up to 256 MB: OTLP, or what Jaeger and Tempo answer.
                        May be gzip-compressed
  -                     the same from standard input
  http://HOST:16686     the query address of Jaeger, 1.x and 2.x
  http://HOST:3200      the address of Tempo
  http://HOST:9090      the address of Prometheus: no retry safety, no confidence, no single failures
                        The kind of backend is detected; a prefix (jaeger:, tempo: or prometheus:) states
                        it instead

Options
  --since 90m           look back so far (s, m, h, d); default 1h for an address, all of a file
  --service NAME        only requests that this service sent, by its name or NAMESPACE/NAME; may be
                        repeated
  --json                print all findings as JSON
  --html FILE           also write a page that needs no network
  --no-color            print without colours
  -h, --help            print this

Exit code: 0 no avoidable failure, 1 avoidable failures, 2 a source could not be read, or no request
of a client with this package was found.

Tested live, behind the Collector: Jaeger 1.62, Prometheus 2.42. Not tested live: Jaeger's second API
(/api/v3; tested with what 1.62 answers on it) and Tempo (tested with the answers in its documentation).
`;
