import terser from '@rollup/plugin-terser';

/** What npm gets: both entries of `src/` without comments. `exports.X = …` is what `import { X }` from CommonJS needs. */
const entry = (name, external = []) => ({
  input: `build/plain/${name}.js`,
  external: [/^node:/, '@opentelemetry/api', '@opentelemetry/instrumentation', 'shimmer', ...external],
  output: { file: `build/package/${name}.js`, format: 'cjs', interop: 'default', esModule: true },
  plugins: [terser({ toplevel: true, compress: { passes: 3 } })],
});

export default [entry('index'), entry('register', ['./index'])];
