/**
 * Reads a member of a short-lived object whose shape nothing keeps alive: a request, its response, the attributes of
 * its span.
 *
 * A full collection at a moment without requests discards the shapes of such objects, and V8 then discards the code
 * that it had optimised for them. This function reads so many different members that V8 ties its code to no shape: what
 * runs for each request reads such objects with it.
 */
export function field<T extends object, K extends keyof T>(holder: T, name: K): T[K] {
  return holder[name];
}
