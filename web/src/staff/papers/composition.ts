import type { Schemas } from "@/api/client";
import { ITEM_TYPES, type ItemType } from "../common/choices";

export interface Share {
  type: ItemType;
  count: number;
  points: number;
}

/** What the service takes when nothing is said: 90 items for 100 points. */
export const USUAL: Share[] = [
  { type: "single", count: 60, points: 1 },
  { type: "multiple", count: 10, points: 2 },
  { type: "true_false", count: 20, points: 1 },
];

/** Points of the whole paper, free of the rounding of binary fractions. */
export function totalPoints(shares: Share[]): number {
  return Math.round(shares.reduce((sum, share) => sum + share.count * share.points, 0) * 1000) / 1000;
}

export function totalItems(shares: Share[]): number {
  return shares.reduce((sum, share) => sum + share.count, 0);
}

/** The shares that count, for the request. */
export function composed(shares: Share[]): Share[] {
  return shares.filter((share) => share.count > 0);
}

/** A composition of the service with every type in it, those it leaves out with 0 items. */
export function completed(given: Share[]): Share[] {
  return ITEM_TYPES.map((type) => {
    const share = given.find((one) => one.type === type) ?? USUAL.find((one) => one.type === type);
    const count = given.some((one) => one.type === type) ? share!.count : 0;
    return { type, count, points: share!.points };
  });
}

/** The near compositions that a refusal offers; points come as decimal texts. */
export function alternativesOf(problem: Schemas["ProblemRead"]): Share[][] {
  const given = (problem as { alternatives?: { shares: (Omit<Share, "points"> & { points: string | number })[] }[] })
    .alternatives;
  return (given ?? []).map(({ shares }) =>
    shares.map(({ type, count, points }) => ({ type, count, points: Number(points) })),
  );
}

/** A row of a blueprint; `available` only while it is tried out. */
export type Row = Schemas["BlueprintRowRead"] & { available?: Record<string, number> };

/** Whether the bank lacks items of the type for so many forms. */
export function isShort(row: Row, type: ItemType, forms: number): boolean {
  const available = row.available?.[type];
  return available !== undefined && (row.counts[type] ?? 0) * forms > available;
}
