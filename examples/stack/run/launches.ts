import path from 'node:path';
import type { Addresses } from './addresses';
import type { Launch } from './process';
import type { Programs } from './programs';

/** How each service of compose.yaml is started without docker. `folder` contains the copies of the configuration. */

export function backends({ at, url, port }: Addresses, programs: Programs, folder: string): Launch[] {
  const unused = '127.0.0.1:0';
  return [
    {
      name: 'Collector',
      command: programs.collector,
      args: [`--config=${path.join(folder, 'collector/config.yaml')}`],
      env: {
        OTLP_LISTEN: at('collector:4318'),
        METRICS_LISTEN: at('collector:8889'),
        HEALTH_LISTEN: at('collector:health'),
        TELEMETRY_HOST: '127.0.0.1',
        TELEMETRY_PORT: String(port('collector:telemetry')),
        JAEGER_OTLP: url('jaeger:4318'),
        TEMPO_OTLP: url('tempo:4318'),
        SPAN_METRICS_EVERY: '1s',
        METRICS_EXPIRE: '30s',
      },
      readyUrl: `${url('collector:health')}/`,
    },
    {
      name: 'Jaeger',
      command: programs.jaeger,
      args: [
        `--query.http-server.host-port=${at('jaeger:16686')}`,
        `--collector.otlp.http.host-port=${at('jaeger:4318')}`,
        `--admin.http.host-port=${at('jaeger:health')}`,
        `--query.ui-config=${path.join(folder, 'jaeger/ui.json')}`,
        '--memory.max-traces=50000',
        '--log-level=warn',
        ...[
          'collector.otlp.grpc.host-port',
          'collector.grpc-server.host-port',
          'collector.http-server.host-port',
          'query.grpc-server.host-port',
          'http-server.host-port',
          'processor.jaeger-binary.server-host-port',
          'processor.jaeger-compact.server-host-port',
          'processor.zipkin-compact.server-host-port',
        ].map((flag) => `--${flag}=${unused}`),
      ],
      readyUrl: `${url('jaeger:health')}/`,
    },
    {
      name: 'Alertmanager',
      command: programs.alertmanager,
      args: [
        `--config.file=${path.join(folder, 'alertmanager/alertmanager.yml')}`,
        `--storage.path=${path.join(folder, 'data/alertmanager')}`,
        `--web.listen-address=${at('alertmanager:9093')}`,
        `--web.external-url=http://localhost:${port('alertmanager:9093')}`,
        '--cluster.listen-address=',
      ],
      readyUrl: `${url('alertmanager:9093')}/-/ready`,
    },
    {
      name: 'Prometheus',
      command: programs.prometheus,
      args: [
        `--config.file=${path.join(folder, 'prometheus/prometheus.yml')}`,
        `--storage.tsdb.path=${path.join(folder, 'data/prometheus')}`,
        '--storage.tsdb.retention.time=6h',
        `--web.listen-address=${at('prometheus:9090')}`,
        `--web.external-url=http://localhost:${port('prometheus:9090')}`,
      ],
      readyUrl: `${url('prometheus:9090')}/-/ready`,
    },
    {
      name: 'pager',
      ...node('pager/pager.js'),
      env: {
        PORT: String(port('pager:9095')),
        RUNBOOKS: path.join(folder, 'runbooks'),
        NOTE: 'This Jaeger was built from Go modules and has no pages: links to traces lead to its API, as JSON.',
      },
      readyUrl: `${url('pager:9095')}/healthz`,
      isPrinted: true,
    },
  ];
}

/** The services that `--fixed` changes, in the order in which they start. */
export function shop({ port, url, at }: Addresses, isFixed: boolean): Launch[] {
  const peers = {
    ORDERS_URL: `http://orders:${port('orders:8081')}`,
    INVENTORY_URL: `http://inventory:${port('inventory:8084')}`,
    PAYMENTS_URL: `http://payments:${port('payments:8082')}`,
    MAILER_URL: `http://mailer:${port('mailer:closed')}`,
  };
  const service = (name: string, address: 'payments-app:8083' | 'inventory:8084' | 'orders:8081' | 'gateway:8080') => ({
    name,
    ...node(`shop/${name}.js`),
    env: {
      ...telemetry(name, url('collector:4318')),
      ...peers,
      PORT: String(port(address)),
      SHOP_FIXED: isFixed ? '1' : '',
    },
    readyUrl: `http://${at(address)}/healthz`,
  });
  return [
    service('payments', 'payments-app:8083'),
    service('inventory', 'inventory:8084'),
    service('orders', 'orders:8081'),
    service('gateway', 'gateway:8080'),
  ];
}

export function nginx({ url }: Addresses, programs: Programs, folder: string): Launch {
  const own = path.join(folder, 'shop');
  const args = ['-p', own, '-c', path.join(own, 'nginx.conf'), '-e', 'stderr'];
  return { name: 'nginx', command: programs.nginx, args, readyUrl: `${url('payments:8082')}/healthz` };
}

export function load({ url }: Addresses): Launch {
  return { name: 'load', ...node('shop/load.js'), env: { GATEWAY_URL: url('gateway:8080') }, isPrinted: true };
}

/** Runs a compiled program of `examples/stack`. */
function node(program: string) {
  const names = path.join(__dirname, 'names.js');
  return { command: process.execPath, args: ['--require', names, path.join(__dirname, '..', program)] };
}

/** As in compose.yaml, but exported every second. */
function telemetry(name: string, endpoint: string): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: name,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'http',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  };
}
