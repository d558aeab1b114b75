import path from 'node:path';

/** The repository; this file runs as build/examples/stack/run/paths.js. */
export const root = path.resolve(__dirname, '../../../..');

/** The plain files: configurations, dashboards, runbooks. */
export const stackFolder = path.join(root, 'examples/stack');

const bin = path.join(root, '.cache/stack/bin');

/** What `npm run stack:build` builds. */
export const binaries = { collector: path.join(bin, 'otelcol'), jaeger: path.join(bin, 'jaeger-all-in-one') } as const;
