import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { AppMessage, ConnectionAction, Outcome, SeenSpan, Setup } from './messages';
import { children, start, startUpstreams, type Upstreams } from './processes';
import { scenarioOf } from './scenarios/all';

/** One run of the client application, and everything that was observed. */
export interface Run {
  readonly setup: Omit<Setup, 'ports'>;
  readonly spans: readonly SeenSpan[];
  readonly outcomes: readonly Outcome[];
  /** What the upstreams report that they did. */
  readonly actions: readonly ConnectionAction[];
  readonly problems: readonly string[];
}

class RunningApp implements Run {
  readonly spans: SeenSpan[] = [];
  readonly outcomes: Outcome[] = [];
  readonly actions: ConnectionAction[] = [];
  readonly problems: string[] = [];
  readonly done: Promise<void>;
  readonly setup: Run['setup'];
  readonly #played = new Set<string>();
  readonly #process: ChildProcess;

  constructor(setup: Run['setup'], upstreams: Upstreams, onMessage: () => void) {
    this.setup = setup;
    this.#process = start('app.js', [JSON.stringify({ ...setup, ports: upstreams.ports })]);
    this.#process.stdio[4]?.on('error', () => undefined);
    this.done = new Promise((resolve, reject) => {
      this.#process.on('exit', (code) => reject(new Error(`the client application ended with code ${code}`)));
      this.#process.on('message', (message: AppMessage) => {
        this.#receive(message, upstreams);
        if (message.done) resolve();
        onMessage();
      });
    });
  }

  #receive({ span, outcome, played, blockedUntil, problem }: AppMessage, upstreams: Upstreams): void {
    if (span !== undefined) this.spans.push(span);
    if (outcome !== undefined) this.outcomes.push(outcome);
    if (played !== undefined) this.#played.add(played);
    if (problem !== undefined) this.problems.push(problem);
    if (blockedUntil !== undefined) upstreams.clientIsBlocked(blockedUntil.map((call) => this.#prefix + call));
  }

  get #prefix(): string {
    return `/${this.setup.mode}`;
  }

  /** Tells the application, which is blocked until then, that an upstream has finished. */
  tell(call: string): void {
    (this.#process.stdio[4] as Writable).write(`${call}\n`);
  }

  /** Takes an action on a connection of this application, and tells it. */
  accept(action: ConnectionAction): void {
    if (!action.call.startsWith(`${this.#prefix}/`)) return;
    const call = action.call.slice(this.#prefix.length);
    this.actions.push({ ...action, call });
    this.tell(call);
  }

  has(call: string): boolean {
    return this.spans.some((span) => span.call === call);
  }

  hasPlayed(id: string): boolean {
    return this.#played.has(id) && scenarioOf(id).expected.every(({ call }) => this.has(call));
  }
}

export interface Progress {
  /** A message came from one of the applications. */
  readonly onMessage?: (runs: readonly Run[]) => void;
  /** All applications have played the scenario; called in the order of the scenarios. */
  readonly onPlayed?: (id: string, runs: readonly Run[]) => void;
}

/**
 * Plays the same scenarios in one client application for each setup, at the same time and against the same upstreams.
 */
export async function play(setups: readonly Run['setup'][], progress: Progress = {}): Promise<readonly Run[]> {
  const ids = setups[0]?.scenarios ?? [];
  const names = new Set(ids.flatMap((id) => scenarioOf(id).upstreams));
  const runs: RunningApp[] = [];
  const upstreams = await startUpstreams([...names], setups.length, {
    onAction(action) {
      for (const run of runs) run.accept(action);
    },
    onStopped(name) {
      for (const run of runs) run.tell(`/${name}/stopped`);
    },
  });
  const left = [...ids];
  let replaced: Promise<void> | undefined;
  const onMessage = () => {
    // Each has met that nothing listens there any longer.
    if (runs.every((run) => run.has('/restart/next'))) replaced ??= upstreams.replace('inventory');
    progress.onMessage?.(runs);
    for (let id = left[0]; id !== undefined && runs.every((run) => run.hasPlayed(id ?? '')); id = left[0]) {
      left.shift();
      progress.onPlayed?.(id, runs);
    }
  };
  for (const setup of setups) runs.push(new RunningApp(setup, upstreams, onMessage));
  await Promise.all(runs.map(({ done }) => done));
  await replaced;
  upstreams.stop();
  return runs;
}

/** Ends every process that the demo started. */
export function endAll(): void {
  for (const child of children) child.kill('SIGKILL');
}
