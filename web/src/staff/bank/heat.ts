/** How many items make each shade; the last is open above. */
export const STEPS = [0, 1, 3, 6, 10] as const;

/** The shade of a tile: 0 for none, then rising. */
export function shade(count: number): number {
  return STEPS.filter((step) => count >= step).length - 1;
}

/** What a shade stands for: `0`, `1–2`, `10+`. */
export function spanOf(index: number): string {
  const [from, next] = [STEPS[index] ?? 0, STEPS[index + 1]];
  if (next === undefined) return `${from}+`;
  return next - 1 === from ? String(from) : `${from}–${next - 1}`;
}
