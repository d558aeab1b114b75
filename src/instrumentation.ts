import type { MeterProvider } from '@opentelemetry/api';
import { InstrumentationBase, type InstrumentationModuleDefinition } from '@opentelemetry/instrumentation';
import { log } from './kept-log';
import { openConnections } from './observe/process/open-connections';
import { setFaultHandler, type Undo } from './observe/process/patch';
import { processState } from './observe/process/process-state';
import { registerObserver } from './observe/process/reporters';
import { observeSockets } from './observe/process/socket/hooks';
import { TRANSPORTS } from './observe/transports';
import { checkedOptions } from './options';
import { MetricReporter } from './report/metrics';
import { CombinedReporter } from './report/report';
import { forgetSpans } from './report/span';
import { SpanReporter } from './report/span-reporter';
import { talliesIn } from './report/tally';
import type { SocketInstrumentationConfig } from './types';
import { PACKAGE_NAME, PACKAGE_VERSION } from './version';

const RESTARTING = [...TRANSPORTS.map(({ name }) => name), 'metrics'] as const;

/**
 * The observers and the report with one set of options. `/register` uses it directly: the constructor of an
 * `InstrumentationBase` hooks `require`, and modules that are required between that and the start of the SDK, above all
 * `http`, are out of reach for the instrumentations of the SDK.
 */
export class SocketObservation {
  readonly #spans: SpanReporter;
  readonly #metrics: MetricReporter;
  #config: SocketInstrumentationConfig;
  #undos: Undo[] | undefined;

  constructor(checked: SocketInstrumentationConfig) {
    this.#config = checked;
    const spans = new SpanReporter(() => this.#config, log);
    const counted = {
      tallies: talliesIn(processState),
      get open() {
        return openConnections();
      },
    };
    this.#spans = spans;
    this.#metrics = new MetricReporter(
      counted,
      () => this.#config.maxOrigins ?? 100,
      (error) => spans.fault(error),
    );
  }

  /**
   * Takes effect immediately. The observation restarts only if what is observed changed: other options are read when
   * used.
   */
  configure(checked: SocketInstrumentationConfig): void {
    const old = this.#config;
    this.#config = checked;
    if (this.#undos === undefined) return;
    const restart = RESTARTING.some((name) => (old[name] ?? true) !== (checked[name] ?? true));
    if (restart || checked.enabled === false) this.stop();
    if (restart && checked.enabled !== false) this.start();
  }

  /** Idempotent, like `stop()`. */
  start(): void {
    if (this.#undos !== undefined) return;
    const config = this.#config;
    const reporter = config.metrics === false ? this.#spans : new CombinedReporter(this.#spans, this.#metrics);
    setFaultHandler((error) => reporter.fault(error));
    const observed = TRANSPORTS.filter(({ name }) => config[name] !== false);
    const undos: Undo[] = [];
    if (observed.length > 0) undos.push(registerObserver('net', reporter, observeSockets));
    for (const { name, start } of observed) undos.push(registerObserver(name, reporter, start));
    this.#undos = undos;
    const names = observed.map(({ name }) => name).join(', ') || 'nothing';
    const metrics = config.metrics === false ? 'without metrics' : 'with metrics';
    log.debug(`observes ${names}, ${metrics}, detail ${config.detail ?? 'essential'}`);
  }

  stop(): void {
    for (const undo of this.#undos?.reverse() ?? []) undo();
    this.#undos = undefined;
    this.#metrics.stop();
    forgetSpans();
  }

  setMeterProvider(meterProvider: MeterProvider): void {
    this.#metrics.setMeterProvider(meterProvider);
  }
}

/**
 * Adds attributes about the underlying connection to the HTTP spans that other instrumentations create. It creates no
 * spans. Register it together with `@opentelemetry/instrumentation-http`, in any order. Enabling and disabling may be
 * repeated; after `disable()` it leaves nothing behind in the process.
 */
export class SocketInstrumentation extends InstrumentationBase<SocketInstrumentationConfig> {
  // The base class's constructor calls setConfig() before fields exist: `declare` keeps them from being reset.
  declare private observation: SocketObservation | undefined;

  constructor(config: SocketInstrumentationConfig = {}) {
    const options = checkedOptions(config, log);
    super(PACKAGE_NAME, PACKAGE_VERSION, { ...options, enabled: false });
    super.setConfig(options);
    this.observation = new SocketObservation(this.getConfig());
    if (options.enabled !== false) this.enable();
  }

  /** Nothing is patched through module hooks: prototypes and channels cover every way of importing `http`. */
  protected override init(): InstrumentationModuleDefinition[] {
    return [];
  }

  override setConfig(config: SocketInstrumentationConfig = {}): void {
    if (this.observation === undefined) {
      super.setConfig(config);
      return;
    }
    super.setConfig(checkedOptions(config, log));
    const checked = this.getConfig();
    this.observation.configure(checked);
    if (checked.enabled === false) super.disable();
  }

  override enable(): void {
    super.enable();
    this.observation?.start();
  }

  override disable(): void {
    super.disable();
    this.observation?.stop();
  }

  override setMeterProvider(meterProvider: MeterProvider): void {
    super.setMeterProvider(meterProvider);
    this.observation?.setMeterProvider(meterProvider);
  }
}
