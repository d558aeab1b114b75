import fs from 'node:fs';
import path from 'node:path';

const { exports, bin = {}, dependencies, peerDependencies } = JSON.parse(fs.readFileSync('package.json', 'utf8'));

const FOLDER = 'build/package/';
const packages = Object.keys({ ...dependencies, ...peerDependencies });

/** Hands on the source maps of `tsc`, so that those of the package lead to `src/`. */
const mapped = {
  name: 'source-maps-of-tsc',
  load(file) {
    return { code: fs.readFileSync(file, 'utf8'), map: JSON.parse(fs.readFileSync(`${file}.map`, 'utf8')) };
  },
};

/**
 * The files of package.json below `build/package/` as few readable files: a program starts sooner than with one a module.
 * What several of them need is in `shared`, so that it is loaded once, and its state exists once.
 */
function bundle(files, shared) {
  const names = files
    .map((file) => path.posix.relative(FOLDER, file ?? ''))
    .filter((name) => /^[^.].*\.js$/.test(name));
  return {
    input: Object.fromEntries(names.map((name) => [name.replace(/\.js$/, ''), `build/plain/${name}`])),
    external: (specifier) => specifier.startsWith('node:') || packages.includes(specifier),
    output: {
      dir: FOLDER,
      chunkFileNames: shared,
      hoistTransitiveImports: false,
      // `exports.X = …` is what `import { X }` from CommonJS needs.
      format: 'cjs',
      interop: 'default',
      esModule: true,
      sourcemap: true,
      sourcemapExcludeSources: true,
    },
    plugins: [mapped],
    // Rollup would drop writes that nothing reads, such as those that keep the shapes of spans alive (`keptSpans`).
    treeshake: false,
    onLog: (level, log) => {
      // An import of what is no dependency, for example.
      if (level === 'warn') throw new Error(log.message);
    },
  };
}

export default [
  bundle(
    Object.values(exports).map((entry) => entry.default),
    'shared.js',
  ),
  // A command shares nothing with the instrumentation: each loads what it needs and no more.
  ...Object.entries(bin).map(([name, file]) => bundle([file], `${name}-shared.js`)),
];
