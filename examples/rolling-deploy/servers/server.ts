import type { InstanceSetup } from '../messages';

/** Listens, and leaves when SIGTERM comes, in its way. Resolves when it accepts connections. */
export type StartServer = (setup: InstanceSetup) => Promise<void>;

/** How long an instance goes on at most after its readiness has failed, for those who look at it to turn away. */
export const UNREADY_MS = 5_000;
/** How often it has to be asked and to say no before all who look know it: here one looks. */
export const UNREADY_ANSWERS = 2;
/** How long it tells at most those who do not look (503, nothing executed) before it closes. */
export const REFUSING_MS = 2_000;
/** For how long no request has to come before it goes on. */
export const QUIET_MS = 300;
/** When what is still in flight is given up. */
export const DEADLINE_MS = 1_500;
