import type { Origin } from '../peer/origin';
import type { Closing, OwnEnd } from './closing';
import type { CurrentExchange } from './current-exchange';
import type { Endpoints } from './endpoints';

/** The kind of client or server that a connection belongs to: the name of its row in the table of transports. */
export type TransportName = 'httpClient' | 'httpServer' | 'undici';

export type ConnectionState = 'connecting' | 'active' | 'idle' | 'closed';

/** A larger difference between the two clocks means that the process or the machine was suspended. */
const SUSPENSION_MS = 1_000;

/**
 * One TCP connection: connecting, then active and idle in turn, then closed. `nowMs` is monotonic; `wallMs` is the wall
 * clock, which also advances while the machine sleeps. Any order of calls is allowed and leaves counts and ages at zero
 * or above.
 */
export class Connection {
  readonly id: number;
  /** The logical destination; absent on the server side. */
  origin: Origin | undefined;
  /** The exchange that holds the connection now; the newest one if a peer pipelines requests to our server. */
  current: CurrentExchange | undefined;
  /** The underlying socket, held weakly because its end may go unnoticed. Undefined where that is not checked. */
  socket: WeakRef<{ readonly destroyed: boolean }> | undefined;
  state: ConnectionState = 'connecting';
  closing: Closing | undefined;
  endpoints: Endpoints | undefined;
  /** Requests for which a write was attempted; undefined on a connection that is older than the instrumentation. */
  uses: number | undefined = 0;
  /** When something was last written on it; undefined before that, and where writes are not observed. */
  lastWriteMs: number | undefined;
  /** The idle timeout that the peer last announced on it; `NOT_ANNOUNCED`: it has answered, and announced none. */
  announcedMs: number | undefined;
  /** The idle timeout of the pool that holds it, as applied at the last release; 0 = none. */
  clientTimeoutMs: number | undefined;
  /** How the client uses it; opaque here. */
  clientState: object | undefined;
  /** Whether the open-connection metric counts this one. */
  isCounted = false;
  /** Whether Node's byte count of this socket can be read. Checked until it succeeds once. */
  hasByteCounts = false;
  /** This process ended its side, before it saw that the peer had. */
  endedHere: OwnEnd | undefined;
  /** One of its spans shows that the idle timeouts of both sides mismatch. */
  isMismatchShown = false;
  dnsMs: number | undefined;
  connectMs: number | undefined;
  /** For how much of `connectMs` this process was busy, if that is worth a mention. */
  declare busyMs: number | undefined;
  tlsMs: number | undefined;
  readonly secure: boolean;
  /** The kind of client or server that the connection belongs to. */
  readonly transport: TransportName;
  /** The connection goes through a proxy's tunnel, or was otherwise handed over already connected. */
  readonly adopted: boolean;
  /** When the connection was first observed. */
  readonly createdMs: number;
  private isSecured = false;
  /** The connection is established, but it is unknown since when. */
  private isConnectUnseen = false;
  private connectedMs: number | undefined;
  private releasedMs: number | undefined;
  private releasedWallMs = 0;
  private loopIdleAtReleaseMs = 0;
  /** Bytes read on its socket until it was released; undefined if nobody looked. */
  readAtRelease: number | undefined;

  constructor(
    id: number,
    nowMs: number,
    { secure = false, adopted = false, transport = 'httpClient' as TransportName } = {},
  ) {
    this.id = id;
    this.transport = transport;
    this.secure = secure;
    this.adopted = adopted;
    this.createdMs = nowMs;
    if (adopted) {
      this.connectedMs = nowMs;
      this.isSecured = true;
      this.state = 'active';
    }
  }

  resolved(nowMs: number): void {
    this.dnsMs ??= Math.max(0, nowMs - this.createdMs);
  }

  connected(nowMs: number): void {
    if (this.state !== 'connecting') return;
    this.connectMs ??= Math.max(0, nowMs - this.createdMs - (this.dnsMs ?? 0));
    this.connectedMs = nowMs;
    if (!this.secure) this.#ready();
  }

  secured(nowMs: number): void {
    if (this.state !== 'connecting') return;
    this.tlsMs ??= Math.max(0, nowMs - (this.connectedMs ?? nowMs));
    this.connectedMs = nowMs;
    this.isSecured = true;
    this.#ready();
  }

  /** The connection was established unobserved, so its age and setup times stay unknown. */
  connectedUnseen(): void {
    if (this.state !== 'connecting' && !this.adopted) return;
    this.connectedMs = undefined;
    this.isConnectUnseen = true;
    if (this.state === 'connecting') this.#ready();
  }

  /** The request it was created for may be gone; then it is already in the pool. */
  #ready(): void {
    this.state = this.releasedMs === undefined ? 'active' : 'idle';
  }

  /** How far its setup was observed. The socket is more reliable: it may have connected unobserved. */
  get stage(): 'connect' | 'tls' | 'ready' {
    if (this.isConnectUnseen) return 'ready';
    if (this.connectedMs === undefined) return 'connect';
    return this.secure && !this.isSecured ? 'tls' : 'ready';
  }

  /** Whether the connection was ever established: a refused one has neither a number nor uses. */
  get isEstablished(): boolean {
    return this.isConnectUnseen || this.connectedMs !== undefined;
  }

  /** No request holds it: it is pooled, or its request is gone. */
  get isIdle(): boolean {
    return this.state === 'idle' || (this.uses === 0 && this.current === undefined);
  }

  ageMs(nowMs: number): number | undefined {
    return this.state === 'connecting' ? undefined : elapsed(this.connectedMs, nowMs);
  }

  /**
   * From the last release to now; wall-clock time if the process was suspended in between. Undefined if it was not
   * released since it was last acquired. For display only, never to learn from: the wall clock is sometimes adjusted.
   */
  idleMs(nowMs: number, wallMs: number, awakeMs = this.awakeIdleMs(nowMs)): number | undefined {
    const wallIdleMs = wallMs - this.releasedWallMs;
    return awakeMs !== undefined && wallIdleMs - awakeMs > SUSPENSION_MS ? wallIdleMs : awakeMs;
  }

  /** From the last release to now, on the monotonic clock only: a lower bound of the idle time. */
  awakeIdleMs(nowMs: number): number | undefined {
    return elapsed(this.releasedMs, nowMs);
  }

  /**
   * The wall clock has gained on the monotonic clock since the release: the process was suspended, or the clock was
   * set.
   */
  wasSuspended(nowMs: number, wallMs: number): boolean {
    return this.idleMs(nowMs, wallMs) !== this.awakeIdleMs(nowMs);
  }

  /** A request acquires the connection. */
  acquire(exchange: CurrentExchange): void {
    this.current = exchange;
    this.releasedMs = undefined;
    if (this.state === 'idle') this.state = 'active';
  }

  /** The first write for the current request was attempted: from now on it counts as a use. */
  wrote(): void {
    if (this.uses !== undefined) this.uses += 1;
  }

  /** How late the end of its idle time may be seen now: by the time this process was busy, at most `busyMs`. */
  lateMs(nowMs: number, loopIdleNowMs: number, busyMs: number): number {
    const awakeMs = this.awakeIdleMs(nowMs) ?? 0;
    return Math.max(0, Math.min(busyMs, awakeMs - (loopIdleNowMs - this.loopIdleAtReleaseMs)));
  }

  release(nowMs: number, wallMs: number, loopIdleNowMs = 0, bytesRead?: number): void {
    if (this.state === 'closed') return;
    this.loopIdleAtReleaseMs = loopIdleNowMs;
    this.readAtRelease = bytesRead;
    this.current = undefined;
    this.releasedMs = nowMs;
    this.releasedWallMs = wallMs;
    if (this.state === 'active') this.state = 'idle';
  }

  close(closing: Closing): void {
    if (this.state === 'closed') return;
    // A young-generation garbage collection treats a WeakRef as a strong reference.
    this.socket = undefined;
    this.state = 'closed';
    this.closing = closing;
  }
}

/** The time since then, at least 0: what happened before may be reported late. */
function elapsed(sinceMs: number | undefined, nowMs: number): number | undefined {
  if (sinceMs === undefined) return undefined;
  return nowMs > sinceMs ? nowMs - sinceMs : 0;
}

// Rarely set: the defaults live on the prototype, as those of RareState do.
Connection.prototype.busyMs = undefined;
