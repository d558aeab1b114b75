export interface StackUrls {
  /** OTLP base URL. */
  readonly collector: string;
  readonly collectorMetrics: string;
  readonly jaeger: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly pager: string;
  readonly gateway: string;
}

export interface RunningStack {
  readonly urls: StackUrls;
  /** Replaces the shop's services by fixed ones (`--fixed`); everything else goes on. */
  fixShop(): Promise<void>;
  stop(): Promise<void>;
}
