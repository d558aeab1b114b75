import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, GridPos } from '@grafana/grafana-foundation-sdk/dashboard';
import { CAUSES, COLOUR_OF_CAUSE } from '../../../examples/stack/generate/dashboards/causes';
import { generated } from '../../../examples/stack/generate/generate';
import { stackFolder } from '../../../examples/stack/run/paths';
import type { Check } from '../check';
import { DASHBOARDS, panelsOf } from './dashboards';

/** A dashboard as a whole: its layout, variables and colours, and that the committed file is the generated one. */
export function staticChecks(): Check[] {
  return [
    {
      name: 'grafana: the committed files are the generated ones',
      program: 'npm run stack:generate',
      run: async () => {
        const files = [...(await generated())];
        const stale = files.filter(([path, text]) => readFileSync(join(stackFolder, path), 'utf8') !== text);
        if (stale.length > 0) throw new Error(`run npm run stack:generate: ${stale.map(([path]) => path).join(', ')}`);
        return `${files.length} files`;
      },
    },
    ...DASHBOARDS.flatMap((dashboard) =>
      RULES.map(({ name, verify }) => ({
        name: `dashboard ${dashboard.uid}: ${name}`,
        program: 'lint',
        run: async () => verify(dashboard),
      })),
    ),
  ];
}

const RULES: readonly { readonly name: string; readonly verify: (dashboard: Dashboard) => string }[] = [
  { name: 'no two panels overlap', verify: layout },
  { name: 'variables are defined and used', verify: variables },
  { name: 'time range and schema version', verify: time },
  { name: 'each cause has a colour', verify: colours },
];

function layout({ panels = [] }: Dashboard): string {
  const ids = new Set(panels.map(({ id }) => id));
  ok(ids.size === panels.length && !ids.has(undefined), 'a panel id is missing or used twice');
  const taken = new Map<string, string>();
  for (const { title = '', gridPos } of panels) {
    ok(gridPos !== undefined && gridPos.x + gridPos.w <= 24, `${title} is beyond the page`);
    for (const cell of cellsOf(gridPos)) {
      ok(!taken.has(cell), `${title} lies on ${taken.get(cell)}`);
      taken.set(cell, title);
    }
  }
  const height = Math.max(...panels.map(({ gridPos }) => (gridPos === undefined ? 0 : gridPos.y + gridPos.h)));
  ok(taken.size === height * 24, 'there are gaps between panels');
  return `${panels.length} panels on ${height} lines`;
}

function cellsOf({ x, y, w, h }: GridPos): string[] {
  return Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`);
}

/** Variables that Grafana defines. */
const BUILT_IN = ['__rate_interval', '__range', '__from', '__to', '__all', '__data'];

function variables(dashboard: Dashboard): string {
  const list = dashboard.templating.list ?? [];
  const names = list.map(({ name }) => name);
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? '');
  // Grafana leaves what it does not know as it is: `${1}` is a group of label_replace.
  const unknown = used.filter((name) => !names.includes(name) && !BUILT_IN.includes(name) && name !== '1');
  ok(unknown.length === 0, `not defined: ${unknown.join(', ')}`);
  const unused = names.filter((name) => !used.includes(name));
  ok(unused.length === 0, `never used: ${unused.join(', ')}`);
  for (const { name, type, refresh, multi, includeAll, allValue, datasource, label } of list) {
    ok(Boolean(label), `${name} has no label`);
    if (type !== 'query') continue;
    ok(refresh === 2, `${name} does not follow the time range`);
    ok(multi === true && includeAll === true && allValue !== undefined, `${name}: several and all must be possible`);
    ok(datasource?.uid === `\${datasource}`, `${name} has a fixed data source`);
  }
  ok(
    ['job', 'peer'].every((name) => names.includes(name)),
    'no variable job or peer',
  );
  return names.join(', ');
}

function time({ uid = '', time: range, refresh, schemaVersion, id, title = '' }: Dashboard): string {
  ok(/^[\w-]{1,40}$/.test(uid) && title !== '' && id === undefined, 'uid, title or id');
  ok(/^now-\d+[mh]$/.test(range?.from ?? '') && range?.to === 'now', 'a fixed time');
  ok(/^(5|10|30)s$|^1m$/.test(refresh ?? ''), `refresh ${refresh}`);
  // 41 is Grafana 11.6 and 12.0, 42 is 12.1 and up: an older Grafana reads a newer version as its own.
  ok(schemaVersion >= 39 && schemaVersion <= 42, `schema version ${schemaVersion}`);
  return `${range?.from}, every ${refresh}, schema version ${schemaVersion}`;
}

function colours(dashboard: Dashboard): string {
  ok(new Set(Object.values(COLOUR_OF_CAUSE)).size === CAUSES.length, 'two causes have the same colour');
  const byCause = panelsOf(dashboard).filter((panel) =>
    JSON.stringify(panel.targets ?? []).includes('{{socket_failure_cause}}'),
  );
  for (const { title, fieldConfig } of byCause) {
    for (const cause of CAUSES) {
      const override = fieldConfig?.overrides.find(({ matcher }) => matcher.options === cause);
      const colour = override?.properties.find(({ id }) => id === 'color')?.value;
      const isFixed = colour?.mode === 'fixed' && colour.fixedColor === COLOUR_OF_CAUSE[cause];
      ok(isFixed, `${title}: ${cause} is not ${COLOUR_OF_CAUSE[cause]}`);
    }
  }
  return `${byCause.length} panels by cause`;
}

function ok(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}
