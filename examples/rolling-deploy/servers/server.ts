import type { Way } from '../messages';

/** Listens on the port, and leaves when SIGTERM comes, in its way. Resolves when it accepts connections. */
export type StartServer = (port: number, way: Way) => Promise<void>;

/** How long an instance goes on after its readiness has failed, for those who look at it to turn away. */
export const UNREADY_MS = 1_200;
/** How long it then tells those who did not look (503, nothing executed) before it closes. */
export const REFUSING_MS = 300;
/** When what is still in flight is given up. */
export const DEADLINE_MS = 1_500;
