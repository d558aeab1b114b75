import { getHeapSpaceStatistics } from 'node:v8';
import { Load } from './load';
import { clientOf, type Request, serve } from './requests';
import { type Answer, type ChildOptions, isServed } from './scenario';
import { startSdk } from './sdk';

/** One role of a measurement in a process of its own: argv[2] is `ChildOptions` as JSON. It answers each message once. */
const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;

interface Order {
  /** Requests to make; 0: only answer with the CPU time so far. */
  readonly requests: number;
  readonly port?: number;
  /** Answer with what is on the heap after a collection. */
  readonly heap?: boolean;
}

function answer(message: Answer): void {
  process.send?.(message);
}

function onOrder(handle: (order: Order) => Promise<Answer>): void {
  process.on('message', (order) => void handle(order as Order).then(answer));
}

/**
 * Bytes that the program has allocated since the last collection. What V8 allocates for itself lies in the old space: which
 * of its inline caches fail again and again, and then allocate a handler each time, depends on where the objects lie.
 */
function youngBytes(): number {
  let bytes = 0;
  for (const { space_name: name, space_used_size: used } of getHeapSpaceStatistics())
    if (name === 'new_space' || name === 'new_large_object_space') bytes += used;
  return bytes;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function make(request: Request, count: number): Promise<void> {
  let left = count;
  const chain = async () => {
    for (; left > 0; ) {
      left -= 1;
      await request();
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, chain));
}

async function measured(): Promise<void> {
  startSdk(options);
  if (isServed(options.mode)) {
    const relay = options.mode === 'proxy' ? clientOf({ ...options, mode: 'http' }) : undefined;
    onOrder(async () => ({ cpuUs: cpuUs(), bytes: youngBytes() }));
    answer({ port: await serve(options, relay) });
    return;
  }
  const emptyHeap = heapBytes();
  const request = clientOf(options);
  onOrder(async ({ requests, heap: isHeapAsked }) => {
    if (isHeapAsked === true) return { bytes: heapBytes() };
    const startNs = process.hrtime.bigint();
    const young = youngBytes();
    const before = cpuUs();
    await make(request, requests);
    const bytes = youngBytes() - young;
    return { cpuUs: cpuUs() - before, wallUs: Number(process.hrtime.bigint() - startNs) / 1_000, bytes };
  });
  await make(request, options.warmUp);
  global.gc?.();
  answer({ bytes: emptyHeap });
}

function heapBytes(): number {
  global.gc?.();
  return process.memoryUsage().heapUsed;
}

function load(): void {
  const loads = new Map<number, Load>();
  onOrder(async ({ port = 0, requests }) => {
    const known = loads.get(port) ?? new Load(port, options.concurrency);
    loads.set(port, known);
    return { wallUs: await known.send(requests) };
  });
}

process.on('disconnect', () => process.exit());
if (options.role === 'upstream') void serve(options).then((port) => answer({ port }));
else if (options.role === 'load') load();
else void measured();
if (options.role === 'load') answer({});
