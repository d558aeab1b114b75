/**
 * Reads a member of an object that lives no longer than a request: the request, its response, its span, a message about
 * them.
 *
 * A full collection at a moment without requests discards the shapes of such objects, and V8 then discards the code that
 * it had optimised for them. This function reads members of so many names that V8 optimises no code for a shape.
 */
export function field<T extends object, K extends keyof T>(holder: T, name: K): T[K] {
  return holder[name];
}
