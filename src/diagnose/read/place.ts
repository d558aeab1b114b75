import { withPort } from '../../verdict/advice/phrases';
import type { Attributes } from './attributes';
import { printable } from './text';

/** Loopback and link-local addresses, paths of Unix sockets, and the names of these. */
const LOCAL = /^(?:(?:::ffff:)?(?:127\.|169\.254\.)|::1$|fe[89ab][0-9a-f]:|\/|(?:.*\.)?localhost$)/i;

/**
 * The owner of such addresses, as far as the resource shows: a pod rather than its node, because all containers of a
 * pod share them, and no others do.
 */
export function machineOf(resource: Attributes): string | undefined {
  const machine =
    resource['k8s.pod.uid'] ??
    resource['k8s.pod.name'] ??
    resource['host.name'] ??
    resource['host.id'] ??
    resource['container.id'] ??
    resource['service.instance.id'];
  return machine === undefined || machine === '' ? undefined : printable(machine);
}

/** The longest name that DNS has. */
const LONGEST_HOST = 253;

/** `host:port`; an IPv6 address in brackets. Unlike in advice, hosts of different names stay different. */
export function hostAndPort(host: string, port: number | undefined): string {
  return withPort(printable(host, LONGEST_HOST), port);
}

/** The name of a place that is unlike that of any other place: a local address is another one on each machine. */
export function placeName(shown: string, address: string, machine: string | undefined): string {
  return machine !== undefined && LOCAL.test(address) ? `${shown} on ${machine}` : shown;
}
