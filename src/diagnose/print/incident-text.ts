import { durationText } from '../../verdict/advice/phrases';
import type { Incident } from '../hindsight/incidents';
import { plural } from '../wording';

/** One incident as a sentence, without its time and its full stop. */
export function incidentText(incident: Incident): string {
  const { host, hosts, place, connections, services, lastedMs, lost, notSafeToRetry, refusedAfterMs } = incident;
  const whose = services.length === 1 ? (services[0] ?? '') : plural(services.length, 'service');
  const one = place === host ? host : `${host} (${place})`;
  // Requests for several hosts, and none had a connection.
  const isWide = hosts > 1 && connections === 0;
  const where = isWide ? place : one;
  const to = isWide ? ` to ${hosts} hosts` : '';
  const within = connections > 1 || lost > 1 ? ` within ${durationText(Math.max(1, lastedMs))}` : '';
  const when = incident.isContinuing ? ` without a pause for ${durationText(lastedMs)}` : within;
  const who = connections === 0 ? plural(lost, 'request') : plural(connections, 'connection');
  const cost = connections === 0 ? '' : `, ${plural(lost, 'request')} lost`;
  const risky = notSafeToRetry === 0 ? '' : ` (${notSafeToRetry} not safe to retry)`;
  const refused = refusedAfterMs === undefined ? '' : ', next connect refused';
  const late = incident.isSeenLate ? ', noticed late by a busy process' : '';
  const sure = incident.isPossible ? ' (possible)' : '';
  const by = incident.reason === undefined ? sure : ' in hindsight';
  return `${where}: ${who} of ${whose}${to} failed${when}${cost}${risky}${refused}${late}: ${incident.cause}${by}`;
}
