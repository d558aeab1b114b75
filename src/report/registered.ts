/**
 * What is registered with the API in this process, for all copies of it: its versions 1.x keep it in this object, which
 * is never replaced. Undefined where nothing was registered yet, or a later version keeps it elsewhere.
 */
export function registered(): { readonly metrics?: unknown; readonly trace?: unknown } | undefined {
  const api = (globalThis as { [key: symbol]: unknown })[Symbol.for('opentelemetry.js.api.1')];
  return typeof api === 'object' && api !== null ? api : undefined;
}
