import type { MeterProvider } from '@opentelemetry/api';
import { InstrumentationBase, type InstrumentationModuleDefinition } from '@opentelemetry/instrumentation';
import { log } from './kept-log';
import { setFaultHandler, type Undo } from './observe/process/patch';
import { processState, registerObserver } from './observe/process/process-state';
import { observeSockets } from './observe/process/socket';
import { TRANSPORTS } from './observe/transports';
import { checkedOptions } from './options';
import { MetricReporter } from './report/metrics';
import { Report } from './report/report';
import { SpanReporter } from './report/span-reporter';
import { talliesIn } from './report/tally';
import type { SocketInstrumentationConfig } from './types';
import { PACKAGE_NAME, PACKAGE_VERSION } from './version';

const RESTARTING = [...TRANSPORTS.map(({ name }) => name), 'metrics'] as const;

/**
 * Adds to the HTTP spans that other instrumentations make what happened to the connection below. It makes no spans.
 *
 * Register it beside `@opentelemetry/instrumentation-http`, in any order. Enabling and disabling may be repeated;
 * after `disable()` nothing of it is left in the process.
 */
export class SocketInstrumentation extends InstrumentationBase<SocketInstrumentationConfig> {
  // The base class's constructor calls setConfig() and enable() before fields exist: declared, so that nothing resets them.
  declare private spans: SpanReporter | undefined;
  declare private metrics: MetricReporter | undefined;
  declare private undos: Undo[] | undefined;

  constructor(config: SocketInstrumentationConfig = {}) {
    const options = checkedOptions(config, log);
    super(PACKAGE_NAME, PACKAGE_VERSION, { ...options, enabled: false });
    super.setConfig(options);
    const spans = new SpanReporter(() => this.getConfig(), log);
    const maxOrigins = () => this.getConfig().maxOrigins ?? 100;
    const counted = { tallies: talliesIn(processState), open: processState.open };
    this.spans = spans;
    this.metrics = new MetricReporter(counted, maxOrigins, (error) => spans.fault(error));
    if (options.enabled !== false) this.enable();
  }

  /** Nothing is patched through module hooks: prototypes and channels reach every way of importing `http`. */
  protected override init(): InstrumentationModuleDefinition[] {
    return [];
  }

  /** Takes effect at once. Only a change of what is observed starts anew: other options are read when they are used. */
  override setConfig(config: SocketInstrumentationConfig = {}): void {
    if (this.spans === undefined) {
      super.setConfig(config);
      return;
    }
    const old = this.getConfig();
    const checked = checkedOptions(config, log);
    super.setConfig(checked);
    if (this.undos === undefined) return;
    const restart = RESTARTING.some((name) => (old[name] ?? true) !== (checked[name] ?? true));
    if (restart || checked.enabled === false) this.disable();
    if (restart && checked.enabled !== false) this.enable();
  }

  override enable(): void {
    super.enable();
    const { spans, metrics } = this;
    if (spans === undefined || metrics === undefined || this.undos !== undefined) return;
    const config = this.getConfig();
    const reporter = config.metrics === false ? spans : new Report(spans, metrics);
    setFaultHandler((error) => reporter.fault(error));
    const observed = TRANSPORTS.filter(({ name }) => config[name] !== false);
    const undos: Undo[] = [];
    if (observed.length > 0) undos.push(registerObserver('net', reporter, observeSockets));
    for (const { name, start } of observed) undos.push(registerObserver(name, reporter, start));
    this.undos = undos;
    const names = observed.map(({ name }) => name).join(', ') || 'nothing';
    const metricsState = config.metrics === false ? 'without metrics' : 'with metrics';
    log.debug(`observes ${names}, ${metricsState}, detail ${config.detail ?? 'essential'}`);
  }

  override disable(): void {
    super.disable();
    for (const undo of this.undos?.reverse() ?? []) undo();
    this.undos = undefined;
    this.metrics?.stop();
  }

  override setMeterProvider(meterProvider: MeterProvider): void {
    super.setMeterProvider(meterProvider);
    this.metrics?.setMeterProvider(meterProvider);
  }
}
