import { startBystanders } from '../bystanders';
import type { Client, ClientKind } from '../clients';
import type { CorpusPeer, PeerOptions } from '../peers/peer';
import type { Stage } from '../stage';
import type { Scene } from './family';

/** Where a scene plays: an origin whose other connections come and go. */
export interface Ground {
  readonly stage: Stage;
  readonly peer: CorpusPeer;
  readonly kind: ClientKind;
  /** The pool that the scene plays with; the bystanders have pools of their own. */
  readonly pool: Client;
}

const CLIENTS = ['http', 'https', 'fetch'] as const;
const MOST = 50;

/** Whatever it sends may meet an end of its connection: the peer's log knows. */
export function labelled(stage: Stage, { send, close }: Client): Client {
  return {
    send(ask) {
      stage.labels.set(ask.id, { truth: undefined, method: ask.method ?? 'GET', sentMs: performance.now() });
      return send(ask).catch(() => undefined);
    },
    close,
  };
}

/**
 * A scene among 1 to 50 bystanders, of which the peer closes idle ones all the time, `perSecond`. What a request's failure
 * is due to is taken from the peer's log.
 */
export function amongOthers(
  perSecond: number,
  act: (ground: Ground) => Promise<void>,
  options: (stage: Stage) => PeerOptions = () => ({}),
  hits: 'all' | 'bystanders' = 'bystanders',
): Scene {
  return async (stage) => {
    // Two seeds have a client in common, of which one is kept for the proof.
    const kind = CLIENTS[Math.ceil(stage.seed / 2) % CLIENTS.length] ?? 'http';
    const churn = { perSecond, seed: stage.seed, hits };
    const peer = await stage.peer('scripted', { ...options(stage), secure: kind === 'https', churn });
    const least = Math.max(1, Math.ceil(2 * perSecond));
    const count = Math.round(least * (MOST / least) ** stage.random());
    const bystanders = await startBystanders(stage, peer, { count, kind, pauseMs: stage.pick(300, 1_000, 3_000) });
    await stage.wait(stage.between(500, 1_500));
    await act({ stage, peer, kind, pool: labelled(stage, stage.client(peer, kind)) });
    await bystanders.stop();
  };
}
