/** The colours of causes, distinct for most kinds of colour vision; the last one is for all others. */
export const COLOURS = 7;

export const CSS = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --panel: #f6f8fa;
  --c0: #0969da; --c1: #bc4c00; --c2: #1a7f64; --c3: #a5407f; --c4: #8a6700; --c5: #5a32a3; --c6: #6e7781; --bar: #c8d1da; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --text: #e6edf3; --soft: #9da7b1; --line: #30363d;
  --panel: #161b22; --c0: #58a6ff; --c1: #f0883e; --c2: #3fb98f; --c3: #e58cc4; --c4: #d8b13a; --c5: #b392f0;
  --c6: #8b949e; --bar: #3a444f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.4rem; line-height: 1.3; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; }
p, li { max-width: 48rem; } .soft { color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
figure { margin: 0; padding: .75rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
figure.timeline { max-width: 40rem; } td ul { margin: 0; padding-left: 1.1rem; }
figcaption { font-weight: 600; } svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--text); } svg text.small { font-size: 9px; } .axis { stroke: var(--line); }
.requests { fill: var(--bar); } .failures { fill: var(--c1); } .mark { stroke: var(--text); stroke-dasharray: 4 3; }
.client { stroke: var(--c0); stroke-width: 2; } .peer { stroke: var(--c5); stroke-width: 2; stroke-dasharray: 5 3; }
ul.legend { list-style: none; margin: .5rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .875rem; }
.swatch { display: inline-block; width: .75rem; height: .75rem; margin-right: .4rem; border-radius: 2px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { white-space: nowrap; } td { min-width: 4.5rem; } td:has(ul) { min-width: 14rem; }
pre { margin: .4rem 0; padding: .6rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  overflow-x: auto; font: .85rem/1.45 ui-monospace, monospace; }
ol.changes > li { margin-bottom: 1rem; } .broken { color: var(--c1); }
${Array.from({ length: COLOURS }, (_, i) => `.c${i} { fill: var(--c${i}); background: var(--c${i}); }`).join('\n')}
`;
