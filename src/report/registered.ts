const KEY = Symbol.for('opentelemetry.js.api.1');

/**
 * What is registered with the API in this process, for all copies of it: its versions 1.x keep it in this object, which
 * a test may remove. Undefined where nothing was registered yet, or a later version keeps it elsewhere.
 */
export function registered(): { readonly metrics?: unknown; readonly trace?: unknown } | undefined {
  const api = (globalThis as { [key: symbol]: unknown })[KEY];
  return typeof api === 'object' && api !== null ? api : undefined;
}
