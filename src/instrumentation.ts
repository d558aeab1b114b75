import { diag } from '@opentelemetry/api';
import { InstrumentationBase, type InstrumentationModuleDefinition } from '@opentelemetry/instrumentation';
import shimmer from 'shimmer';
import { observeHttpClient } from './observe/http-client';
import { observeHttpServer } from './observe/http-server';
import { takeSeat } from './observe/slot';
import { observeSockets } from './observe/socket';
import { setFaultHandler, type Undo } from './observe/undo';
import { checkedOptions } from './options';
import { SpanReporter } from './report/span-reporter';
import type { SocketInstrumentationConfig } from './types';
import { PACKAGE_NAME, PACKAGE_VERSION } from './version';

/**
 * Adds to the HTTP spans that other instrumentations make what happened to the connection below. It makes no spans.
 *
 * Register it beside `@opentelemetry/instrumentation-http`, in any order. Enabling and disabling may be repeated;
 * after `disable()` nothing of it is left in the process.
 */
export class SocketInstrumentation extends InstrumentationBase<SocketInstrumentationConfig> {
  // The base class's constructor calls setConfig() and enable() before fields exist: declared, so that nothing resets them.
  declare private reporter: SpanReporter | undefined;
  declare private undos: Undo[] | undefined;

  constructor(config: SocketInstrumentationConfig = {}) {
    const options = checkedOptions(config, diag.createComponentLogger({ namespace: PACKAGE_NAME }));
    super(PACKAGE_NAME, PACKAGE_VERSION, { ...options, enabled: false });
    super.setConfig(options);
    this.reporter = new SpanReporter(() => this.getConfig(), this._diag);
    if (options.enabled !== false) this.enable();
  }

  /** Nothing is patched through module hooks: prototypes and channels reach every way of importing `http`. */
  protected override init(): InstrumentationModuleDefinition[] {
    return [];
  }

  override setConfig(config: SocketInstrumentationConfig = {}): void {
    const isConstructed = this.reporter !== undefined;
    super.setConfig(isConstructed ? checkedOptions(config, this._diag) : config);
    if (this.undos === undefined) return;
    this.disable();
    this.enable();
  }

  override enable(): void {
    super.enable();
    const { reporter } = this;
    if (reporter === undefined || this.undos !== undefined) return;
    const { client = true, server = true } = this.getConfig();
    setFaultHandler((error) => reporter.fault(error));
    shimmer({ logger: (message) => this._diag.warn(message) });
    const undos: Undo[] = [];
    if (client || server) undos.push(takeSeat('net', reporter, observeSockets));
    if (client) undos.push(takeSeat('client', reporter, observeHttpClient));
    if (server) undos.push(takeSeat('server', reporter, observeHttpServer));
    this.undos = undos;
  }

  override disable(): void {
    super.disable();
    for (const undo of this.undos?.reverse() ?? []) undo();
    this.undos = undefined;
  }
}
