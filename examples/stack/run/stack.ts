import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Address, findAddresses } from './addresses';
import { copyConfiguration } from './configuration';
import { backends, load, nginx, shop } from './launches';
import { type Launch, launch, type Running } from './process';
import { findPrograms } from './programs';
import { startSink } from './sink';

/** The address of each program; base URLs without a slash at the end. */
export interface StackUrls {
  /** OTLP/HTTP. */
  readonly collector: string;
  /** The metrics that Prometheus scrapes. */
  readonly collectorMetrics: string;
  /** The Collector's own metrics, in Prometheus's format. */
  readonly collectorTelemetry: string;
  readonly jaeger: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly pager: string;
  readonly gateway: string;
}

/** A documented address whose port was taken. */
export interface Moved {
  readonly documented: string;
  readonly port: number;
}

export interface RunningStack {
  readonly urls: StackUrls;
  readonly moved: readonly Moved[];
  /** Replaces the shop's services with fixed ones (`--fixed`); everything else keeps running. */
  fixShop(): Promise<void>;
  /** Stops every process and removes every file. May be called again. */
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly fixed?: boolean;
  /** The ports of compose.yaml, where they are free; otherwise any. */
  readonly documentedPorts?: boolean;
  /** Changes the text of a configuration file before it is used; `file` is its path in `examples/stack`. */
  readonly edit?: (file: string, text: string) => string;
  /** Gets a line about each step, and what the pager and the load print. */
  readonly onLine?: (line: string) => void;
  /** A program ended unexpectedly, and the stack has been stopped. */
  readonly onEnd?: (error: Error) => void;
}

/**
 * Starts the whole stack on loopback. Resolves when each program is ready; rejects, with nothing left
 * running, if one is missing or does not start.
 */
export async function startStack(options: StackOptions = {}): Promise<RunningStack> {
  const {
    fixed = false,
    documentedPorts = false,
    edit = (_, text) => text,
    onLine = () => undefined,
    onEnd = () => undefined,
  } = options;
  const programs = findPrograms();
  const addresses = await findAddresses(documentedPorts);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stack-'));
  const removeFolder = () => fs.rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);

  const running = new Map<string, Running>();
  let closeSink = async () => {};
  let stopped: Promise<void> | undefined;

  const stopThese = async (names: Iterable<string>) => {
    await Promise.all([...names].map((name) => running.get(name)?.stop()));
    for (const name of names) running.delete(name);
  };
  const stopAll = async () => {
    // The senders stop first, so that the shop's last spans arrive.
    await stopThese(['load']);
    await stopThese(shop(addresses, fixed).map(({ name }) => name));
    await stopThese([...running.keys()]);
    await closeSink();
    removeFolder();
    process.removeListener('exit', removeFolder);
  };
  const stop = () => {
    stopped ??= stopAll();
    return stopped;
  };
  const listener = { onLine, onEnd: (error: Error) => stop().finally(() => onEnd(error)) };
  const start = async (what: Launch) => {
    const one = await launch(what, listener);
    if (stopped !== undefined) return one.stop();
    running.set(what.name, one);
    onLine(`${what.name} is ready`);
  };
  /** Starts all at the same time; if one fails, rejects once all have started or failed. */
  const startAll = async (launches: readonly Launch[]) => {
    const results = await Promise.allSettled(launches.map(start));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };

  try {
    copyConfiguration(folder, addresses, edit);
    closeSink = await startSink(addresses.port('tempo:4318'));
    await startAll(backends(addresses, programs, folder));
    await startAll([...shop(addresses, fixed), nginx(addresses, programs, folder)]);
    await start(load(addresses));
  } catch (error) {
    await stop();
    throw error;
  }

  const url = (address: Address) => addresses.url(address);
  return {
    urls: {
      collector: url('collector:4318'),
      collectorMetrics: `${url('collector:8889')}/metrics`,
      collectorTelemetry: `${url('collector:telemetry')}/metrics`,
      jaeger: url('jaeger:16686'),
      prometheus: url('prometheus:9090'),
      alertmanager: url('alertmanager:9093'),
      pager: url('pager:9095'),
      gateway: url('gateway:8080'),
    },
    moved: addresses.moved.map((documented) => ({ documented, port: addresses.port(documented) })),
    stop,
    async fixShop() {
      const services = shop(addresses, true);
      // Clients stop first and start last, so that no request of the fixed shop meets a stopped peer.
      for (const { name } of services.toReversed()) await stopThese([name]);
      for (const service of services) await start(service);
    },
  };
}
