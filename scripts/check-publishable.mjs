import fs from 'node:fs';
import path from 'node:path';

// node scripts/check-publishable.mjs [ROOT]: refuses a release while package.json does not say whose it is and where.
const manifest = JSON.parse(fs.readFileSync(path.join(process.argv[2] ?? '.', 'package.json'), 'utf8'));

/** The address or the name that a field gives, in its short form or as an object. */
const stated = (field) => (typeof field === 'string' ? field : (field?.url ?? field?.email ?? field?.name ?? ''));

const missing = ['repository', 'bugs', 'homepage', 'author'].filter((name) => !String(stated(manifest[name])).trim());
if (missing.length > 0) {
  console.error(`not published: package.json has no ${missing.join(', no ')}; RELEASING.md says what to fill in`);
  process.exitCode = 1;
}
