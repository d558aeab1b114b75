import { setFaultHandler, type Undo } from '../../src/observe/process/patch';
import { NODE, type PrivateMember, UNDICI } from '../../src/observe/process/private-members';
import { registerObserver } from '../../src/observe/process/reporters';
import { observeSockets } from '../../src/observe/process/socket/hooks';
import { TRANSPORTS } from '../../src/observe/transports';
import type { Reporter } from '../../src/reporter';
import type { ReportedFailure } from '../../src/verdict/failure';

/** A verdict that an observer reported, and the request that it is about. */
export interface Verdict {
  readonly request: unknown;
  readonly failure: ReportedFailure;
}

/** Two instances that observe this process, as an application and a library in it may have them. */
export class Observation {
  readonly verdicts: Verdict[] = [];
  readonly faults: unknown[] = [];
  readonly #undos: (Undo[] | undefined)[] = [undefined, undefined];
  readonly #transport: string;

  constructor(transport: 'httpClient' | 'undici') {
    this.#transport = transport;
    setFaultHandler((error) => this.faults.push(error));
  }

  /** Starts one of the instances, or stops it. */
  toggle(instance: 0 | 1): void {
    const undos = this.#undos[instance];
    if (undos !== undefined) {
      for (const undo of [...undos].reverse()) undo();
      this.#undos[instance] = undefined;
      return;
    }
    const reporter = this.#reporter();
    const started = TRANSPORTS.filter(({ name }) => name === this.#transport);
    this.#undos[instance] = [
      registerObserver('net', reporter, observeSockets),
      ...started.map(({ name, start }) => registerObserver(name, reporter, start)),
    ];
  }

  stop(): void {
    for (const instance of [0, 1] as const) if (this.#undos[instance] !== undefined) this.toggle(instance);
  }

  #reporter(): Reporter {
    return {
      clientSpan: () => undefined,
      watchSpans: () => undefined,
      noticedSpan: () => undefined,
      portOf: () => undefined,
      serverSpan: () => undefined,
      succeeded: () => undefined,
      failed: (exchange, failure) => {
        this.verdicts.push({ request: (exchange as unknown as { request: unknown }).request, failure });
      },
      opened: () => true,
      closed: () => undefined,
      warn: () => undefined,
      fault: (error) => this.faults.push(error),
    };
  }
}

/**
 * Node's own code does not expect some of these orders, and throws, also on a later turn. That ends nothing here; an
 * exception with a frame of ours is a fault, which is thrown at the end.
 */
export function surviving(faults: unknown[]): { readonly attempt: (step: () => void) => void; readonly end: Undo } {
  const note = (error: unknown) => {
    if (/[\\/]src[\\/]/.test(String((error as Error).stack))) faults.push(error);
  };
  process.setUncaughtExceptionCaptureCallback(note);
  return {
    attempt(step) {
      try {
        step();
      } catch (error) {
        note(error);
      }
    },
    end: () => process.setUncaughtExceptionCaptureCallback(null),
  };
}

/** All private members that the observers read. */
export const MEMBERS: Readonly<Record<string, PrivateMember<unknown>>> = { ...NODE, ...UNDICI };

/** Takes private members away from the observers, as if this Node or undici had none of that type. */
export function withoutMembers(names: readonly string[]): Undo {
  const undos = [...new Set(names)].map((name) => {
    const member = MEMBERS[name];
    const is = member?.is;
    if (member === undefined) throw new Error(`no private member is called ${name}`);
    Reflect.set(member, 'is', () => false);
    return () => Reflect.set(member, 'is', is);
  });
  return () => {
    for (const undo of undos) undo();
  };
}
