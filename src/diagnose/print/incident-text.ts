import { time } from '../../verdict/advice/phrases';
import type { Incident } from '../hindsight/incidents';
import { plural } from '../hindsight/judgement';

/** One incident as a sentence, without its time and its full stop. */
export function incidentText(incident: Incident): string {
  const { host, place, connections, services, lastedMs, lost, notSafeToRetry, refusedAfterMs } = incident;
  const whose = services.length === 1 ? (services[0] ?? '') : plural(services.length, 'service');
  const at = place === host ? '' : ` (${place})`;
  const within = connections > 1 ? ` within ${time(Math.max(1, lastedMs))}` : '';
  const what = incident.isContinuing
    ? `${host}${at}: ${plural(connections, 'connection')} of ${whose} failed without a pause for ${time(lastedMs)}`
    : `${host}${at}: ${plural(connections, 'connection')} of ${whose} failed${within}`;
  const risky = notSafeToRetry === 0 ? '' : ` (${notSafeToRetry} not safe to retry)`;
  const refused = refusedAfterMs === undefined ? '' : ', next connect refused';
  return `${what}, ${plural(lost, 'request')} lost${risky}${refused}: ${incident.cause}${incident.reason === undefined ? '' : ' in hindsight'}`;
}
