/** Replaces a span where tracing is suppressed: whoever sends this request does not want it reported. */
export const SUPPRESSED = 'suppressed';

/** Replaces a SERVER span that records nothing: there is nothing to write on, and nothing to look for. */
export const UNSAMPLED = 'unsampled';
