import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { composed } from '../compose/compose';

const UIDS = ['prometheus', 'tempo', 'jaeger'];

interface DataSource {
  readonly uid: string;
  readonly type: string;
  readonly jsonData?: { readonly tracesToMetrics?: { readonly datasourceUid: string } };
}

/** The files that Grafana reads when it starts. Grafana itself is not available here. */
export function staticChecks(): Check[] {
  return [
    { name: 'grafana: the data sources are provisioned and linked', program: 'yaml', run: async () => dataSources() },
    { name: 'grafana: dashboards and home page are mounted', program: 'fs', run: async () => dashboards() },
    {
      name: 'tempo/tempo.yaml has the addresses and processors that are needed',
      program: 'yaml',
      run: async () => tempo(),
    },
  ];
}

const read = (file: string) => parse(fs.readFileSync(path.join(stackFolder, file), 'utf8'), { merge: true });

function dataSources(): string {
  const { datasources }: { datasources: readonly DataSource[] } = read(
    'grafana/provisioning/datasources/datasources.yaml',
  );
  const uids = datasources.map(({ uid, type }) => (uid === type ? uid : `${uid} of type ${type}`));
  if (uids.join() !== UIDS.join()) throw new Error(`data sources ${uids.join(', ')}, not ${UIDS.join(', ')}`);
  const linked = datasources.filter(({ jsonData }) => jsonData?.tracesToMetrics?.datasourceUid === 'prometheus');
  if (linked.length !== 2) throw new Error('Tempo and Jaeger are not linked to Prometheus');
  return uids.join(', ');
}

function dashboards(): string {
  const { providers }: { providers: readonly { readonly options: { readonly path: string } }[] } = read(
    'grafana/provisioning/dashboards/dashboards.yaml',
  );
  const inside = providers.map(({ options }) => options.path);
  const found = inside.flatMap((folder) => fs.readdirSync(outside(folder)).filter((name) => name.endsWith('.json')));
  const home = String(grafana().environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH);
  if (!fs.existsSync(outside(home))) throw new Error(`the home page ${home} is missing`);
  if (found.length < 2) throw new Error(`dashboards: ${found.join(', ')}`);
  return `${found.join(', ')}; home is ${path.basename(home)}`;
}

/** The file that is mounted at a path in Grafana's container. */
function outside(inside: string): string {
  for (const [source = '', target = ''] of grafana().volumes?.map((volume) => volume.split(':')) ?? [])
    if (inside === target || inside.startsWith(`${target}/`))
      return path.join(stackFolder, source, path.relative(target, inside));
  throw new Error(`${inside} is not mounted`);
}

function grafana() {
  const service = composed.find(([name]) => name === 'grafana')?.[1];
  if (service === undefined) throw new Error('compose.yaml has no grafana');
  return service;
}

function tempo(): string {
  const {
    server,
    distributor,
    metrics_generator: generator,
    overrides,
    usage_report: report,
  } = read('tempo/tempo.yaml');
  const { endpoint } = distributor.receivers.otlp.protocols.http;
  if (server.http_listen_port !== 3200 || endpoint !== '0.0.0.0:4318')
    throw new Error(`it listens on ${server.http_listen_port} and ${endpoint}`);
  if (!overrides.defaults.metrics_generator.processors.includes('local-blocks')) throw new Error('no TraceQL metrics');
  if (generator.processor.local_blocks.filter_server_spans !== false) throw new Error('no TraceQL metrics of clients');
  if (report.reporting_enabled !== false) throw new Error('usage reports are enabled');
  return 'listens on 3200 and 4318, computes metrics of client spans, sends no usage reports';
}
