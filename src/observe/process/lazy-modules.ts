/** `tls` takes as long to load as this package, or longer: only a program that uses it shall load it. */
export function tlsOfNode(): typeof import('node:tls') {
  // biome-ignore lint/style/noCommonJs: an import loads it at once
  return require('node:tls');
}

/** The same for `https`, which loads `tls`. */
export function httpsOfNode(): typeof import('node:https') {
  // biome-ignore lint/style/noCommonJs: an import loads it at once
  return require('node:https');
}
