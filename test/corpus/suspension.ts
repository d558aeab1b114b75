const { now } = Date;
let asleepMs = 0;

// The wall clock alone runs on while a process is suspended. The package keeps the clock that it finds when it is loaded:
// this has to be loaded before.
Date.now = () => now() + asleepMs;

/** As if this process had been suspended for so long just now. */
export function suspend(ms: number): void {
  asleepMs += ms;
}
