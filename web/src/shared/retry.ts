const FIRST = 1_000;
const LONGEST = 15_000;

/**
 * Milliseconds to wait before the next try after `failures` in a row (from 1): doubled each time, and varied by half, so
 * that a hall that lost its server does not come back at once. `random` is from 0 to 1.
 */
export function pause(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  return whole / 2 + (whole / 2) * random();
}

/** Waits so long, but no longer than until the device is online again, or until `signal` aborts. */
export function rest(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", over);
      removeEventListener("online", over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal?.addEventListener("abort", over);
    addEventListener("online", over);
  });
}
