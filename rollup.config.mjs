import fs from 'node:fs';
import path from 'node:path';

const { exports, bin = {}, dependencies, peerDependencies } = JSON.parse(fs.readFileSync('package.json', 'utf8'));

/** Where the entries of package.json stand. Each becomes one file: a program starts sooner than with one a module. */
const FOLDER = 'build/package/';
const entries = [...Object.values(exports).map((entry) => entry.default), ...Object.values(bin)]
  .map((file) => path.posix.normalize(file ?? ''))
  .filter((file) => file.startsWith(FOLDER))
  .map((file) => file.slice(FOLDER.length, -'.js'.length));

const inputs = entries.map((name) => path.resolve('build/plain', name));
const packages = Object.keys({ ...dependencies, ...peerDependencies });

/** Node's modules, the dependencies, and the other entries: each is loaded once, and so is its state. */
function isExternal(specifier, importer) {
  if (specifier.startsWith('node:') || packages.includes(specifier)) return true;
  return importer !== undefined && inputs.includes(path.resolve(path.dirname(importer), specifier));
}

/** Hands on the source maps of `tsc`, so that those of the package lead to `src/`. */
const mapped = {
  name: 'source-maps-of-tsc',
  load(file) {
    return { code: fs.readFileSync(file, 'utf8'), map: JSON.parse(fs.readFileSync(`${file}.map`, 'utf8')) };
  },
};

/** An import of what is no dependency, or a circle, is an error. */
function onLog(level, log) {
  if (level === 'warn') throw new Error(log.message);
}

export default entries.map((name) => ({
  input: `build/plain/${name}.js`,
  external: isExternal,
  output: {
    file: `${FOLDER}${name}.js`,
    // `exports.X = …` is what `import { X }` from CommonJS needs.
    format: 'cjs',
    interop: 'default',
    esModule: true,
    sourcemap: true,
    sourcemapExcludeSources: true,
  },
  plugins: [mapped],
  onLog,
}));
