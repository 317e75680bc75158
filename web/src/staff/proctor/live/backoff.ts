const FIRST = 500;
const MOST = 15_000;

/**
 * Milliseconds to wait before trying again after `failures` in a row (1 or more): doubled each time up to 15 s, and
 * spread over its upper half by `chance` (0 to 1), so that many boards do not come back at one instant.
 */
export function backoff(failures: number, chance: number): number {
  const full = Math.min(MOST, FIRST * 2 ** (failures - 1));
  return full / 2 + (full / 2) * chance;
}
