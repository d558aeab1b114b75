import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '../../examples/stack/run/stack';
import * as alertmanager from './alertmanager/configuration';
import * as alertmanagerLive from './alertmanager/live';
import type { Check } from './check';
import * as collector from './collector/configuration';
import * as collectorLive from './collector/live';
import * as compose from './compose/compose';
import * as image from './compose/image';
import * as diagnosisMetrics from './diagnose/metrics';
import * as diagnosisPage from './diagnose/page';
import * as draw from './draw/draw';
import * as alertCopies from './grafana/alerts';
import * as layout from './grafana/layout';
import * as panelLinks from './grafana/links';
import * as panelLinksLive from './grafana/links-live';
import * as dashboards from './grafana/lint';
import * as panels from './grafana/panels-live';
import * as promql from './grafana/promql';
import * as provisioning from './grafana/provisioning';
import * as sameAlerts from './grafana/same-alerts';
import * as traceql from './grafana/traceql';
import * as searches from './jaeger/forms';
import * as jaegerLive from './jaeger/live';
import * as links from './links';
import * as linksLive from './links-live';
import * as open from './open';
import * as pager from './pager';
import * as alerts from './prometheus/alerts-live';
import * as prometheus from './prometheus/configuration';
import * as prometheusLive from './prometheus/live';
import * as rules from './prometheus/rule-checks';
import { shortened } from './prometheus/shortened';
import * as readme from './readme';
import * as runbooks from './runbooks/pages';
import * as runbooksLive from './runbooks/promql-live';
import * as shop from './shop/checks';

/*
 * Executes what examples/stack documents (queries, panels, rules, searches, links, configurations) with the programs
 * for which it is written, and prints a line for each:
 *   npm run test:stack
 * The checks that need only files come first, while the shop makes its failures; then the checks on the running stack,
 * with the shop as it is and with the fixed shop.
 */

/** How long the shop runs, at least, before its numbers are checked. */
const SHOP_MS = 60_000;

const configurations = [collector, compose, image, provisioning, prometheus, rules, alertmanager];
const grafana = [dashboards, layout, promql, panelLinks, traceql, alertCopies, sameAlerts];
const files = [...configurations, ...grafana, runbooks, links, searches, diagnosisPage];
/** The quickstart's failures, for which Jaeger is searched, come last, so that no other check counts them. */
const live = [
  ...[collectorLive, shop, panels, draw, panelLinksLive, prometheusLive, alerts, alertmanagerLive],
  ...[open, readme, pager, linksLive, runbooksLive, diagnosisMetrics, jaegerLive],
];
const fixed = [shop, alertmanagerLive];

let passed = 0;

/** Stops at the first check whose result is empty or wrong. */
async function execute(checks: readonly Check[]): Promise<void> {
  for (const { name, program, run } of checks) {
    const startMs = performance.now();
    const result = await run().catch((error: unknown) => {
      throw new Error(`✗ ${name} → ${program} → ${error instanceof Error ? error.message : error}`, { cause: error });
    });
    passed += 1;
    const seconds = (performance.now() - startMs) / 1_000;
    console.log(`✓ ${name} → ${program} → ${result}${seconds < 5 ? '' : ` (${seconds.toFixed()} s)`}`);
  }
}

function section(title: string): void {
  console.log(`\n== ${title} (${(performance.now() / 1_000).toFixed()} s)`);
}

async function main(): Promise<void> {
  section('the Collector and Jaeger');
  const build = path.join(__dirname, '../../examples/stack/run/build.js');
  if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) throw new Error('npm run stack:build');

  section('the shop starts');
  let isOver: (error: Error) => void = () => undefined;
  const over = new Promise<never>((_, reject) => {
    isOver = reject;
  });
  const stack = await startStack({ edit: shortened, onEnd: isOver });
  const play = async () => {
    const shopDone = sleep(SHOP_MS);
    section('files');
    await execute(files.flatMap((area) => area.staticChecks()));
    await shopDone;
    section('the shop as it is');
    await execute(live.flatMap((area) => area.liveChecks(stack)));
    await stack.fixShop();
    section('the fixed shop');
    await execute(fixed.flatMap((area) => area.fixedChecks(stack)));
  };
  try {
    await Promise.race([play(), over]);
  } finally {
    await stack.stop();
  }
}

main()
  .catch((error: Error) => {
    console.log(error.message);
    process.exitCode = 1;
  })
  .finally(() => {
    section('done');
    console.log(`${passed} passed, ${process.exitCode ?? 0} failed`);
  });
