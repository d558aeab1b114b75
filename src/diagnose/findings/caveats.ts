import type { Collection, ServiceCount } from '../collect/collection';
import { MOST_FAILURES } from '../collect/failure-table';
import { OTHER_NAME } from '../collect/names';
import { plural } from '../wording';

/** More failures than this share are an outage, or somebody kept the errors and dropped the rest. */
const MAYBE_SAMPLED = 0.5;
const ENOUGH_REQUESTS = 20;

/** What the evidence cannot show: sentences without full stops. */
export function limitFindings(collection: Collection, notes: readonly string[], hasSpans: boolean): string[] {
  const { requests, failures, table, clientsGone, cancelled, services, hosts } = collection;
  const limits = [...notes];
  const without = [...services.values()].filter((service) => unknownOf(service) > 0);
  if (without.length > 0)
    limits.push(
      `${names(without.map(({ name }) => name))} sent ${plural(total(without), 'request')} without this package: whether they failed is not known here, and they are not counted`,
    );
  if (hasSpans && requests >= ENOUGH_REQUESTS && failures > requests * MAYBE_SAMPLED)
    limits.push(
      'More than half of the requests failed: either most really did, or the source keeps errors and drops the rest (tail sampling); then rates and "only on reused connections" say little',
    );
  else if (hasSpans && requests > 0)
    limits.push(
      'Spans that sampling dropped are missing: counts are too low by what it dropped, and rates too high if it prefers errors',
    );
  if (hosts.has(OTHER_NAME) || services.has(OTHER_NAME))
    limits.push(`Hosts and services for which there was no room are counted together, as ${OTHER_NAME}`);
  if (table.length >= MOST_FAILURES && failures > table.length)
    limits.push(
      `The first ${MOST_FAILURES.toLocaleString('en')} failures were looked at one by one; ${plural(failures - table.length, 'later one')} are in the counts of sections 1 and 2 only`,
    );
  if (clientsGone > 0)
    limits.push(
      `${plural(clientsGone, 'request')} ended on a server because the client had left: ${clientsGone === 1 ? 'it is not counted as a failure' : 'they are not counted as failures'}`,
    );
  if (cancelled > 0)
    limits.push(
      `${plural(cancelled, 'request')} that the program itself cancelled, or ended by a deadline of its own that left no trace, ${cancelled === 1 ? 'is not counted as a failure' : 'are not counted as failures'}`,
    );
  if (hasSpans && [...services.values()].filter(({ annotated }) => annotated > 0).length > 1)
    limits.push('Incidents are only as exact as the clocks of these machines');
  if (requests > 0) limits.push(GENERAL);
  return limits;
}

const GENERAL =
  'A proxy or load balancer in front of a server is the peer: what happens behind it does not show, and spans do not show connections that were closed while nobody used them (the metric socket.closes does)';

const unknownOf = ({ requests, annotated }: ServiceCount) => requests - annotated;
const total = (services: readonly ServiceCount[]) => services.reduce((sum, each) => sum + unknownOf(each), 0);

function names(all: readonly string[]): string {
  const shown = all.slice(0, 5);
  const more = all.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${more} more`;
}
