/** Where a proxy runs, and the two instances behind it. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  readonly instances: readonly number[];
}
