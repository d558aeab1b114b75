/** A dispatcher with these options for undici and for Node's own `fetch`, which imports nothing by itself. */
export function globalDispatcher(options: string): string {
  return `import { Agent, setGlobalDispatcher } from 'undici'; setGlobalDispatcher(new Agent({ ${options} }))`;
}
