import type { Schemas } from "@/api/client";

export type Result = Schemas["ResultRead"];
export type ItemStatistics = Schemas["ItemStatisticsRead"];

/** A result with points: who handed nothing in or was voided has none. */
export type Graded = Result & { total: number; maximum: number; pass_mark: number };

export function graded(results: Result[]): Graded[] {
  return results.filter((result): result is Graded => result.total !== null);
}

export interface Summary {
  candidates: number;
  graded: number;
  passed: number;
  unreviewed: number;
  pending: number;
  absent: number;
  /** Null while nothing is graded. */
  mean: number | null;
  median: number | null;
}

/** The middle of `sorted`, which has at least one number. */
function middle(sorted: number[]): number {
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
}

export function summary(results: Result[]): Summary {
  const points = graded(results)
    .map((result) => result.total)
    .sort((one, other) => one - other);
  return {
    candidates: results.length,
    graded: points.length,
    passed: results.filter((result) => result.passed === true).length,
    unreviewed: results.filter((result) => result.state === "graded").length,
    pending: results.filter((result) => result.state === "pending" && result.attempt_state === "submitted").length,
    absent: results.filter((result) => result.attempt_state === "absent").length,
    mean: points.length === 0 ? null : points.reduce((sum, one) => sum + one, 0) / points.length,
    median: points.length === 0 ? null : middle(points),
  };
}

export interface Bin {
  /** Points from `from` up to, without, `to`; the last includes the maximum. */
  from: number;
  to: number;
  passed: number;
  failed: number;
}

/** Ten bins of equal width from 0 to the maximum. */
export function histogram(results: Graded[], bins = 10): Bin[] {
  const maximum = Math.max(...results.map((result) => result.maximum));
  const width = maximum / bins;
  const found = Array.from({ length: results.length === 0 ? 0 : bins }, (_, index) => ({
    from: index * width,
    to: (index + 1) * width,
    passed: 0,
    failed: 0,
  }));
  for (const result of results) {
    const bin = found[Math.min(bins - 1, Math.floor(result.total / width))]!;
    if (result.passed === true) bin.passed += 1;
    else bin.failed += 1;
  }
  return found;
}

/** Per area, in the standard's order, the mean share of its points, 0 to 1. */
export function areaRates(results: Graded[]): { area: string; rate: number }[] {
  const sums = new Map<string, { points: number; weight: number }>();
  for (const { area, points, weight } of results.flatMap((result) => result.areas)) {
    const before = sums.get(area) ?? { points: 0, weight: 0 };
    sums.set(area, { points: before.points + points, weight: before.weight + weight });
  }
  return [...sums].map(([area, { points, weight }]) => ({ area, rate: weight === 0 ? 0 : points / weight }));
}

export type Only = "" | "pending" | "graded" | "confirmed" | "published" | "failed" | "voided";

/** The results whose name or ticket number contains `wanted`, and that are as `only` says. */
export function found(results: Result[], wanted: string, only: Only): Result[] {
  const text = wanted.trim();
  const fits: Record<Exclude<Only, "">, (result: Result) => boolean> = {
    pending: (result) => result.state === "pending" && result.attempt_state === "submitted",
    graded: (result) => result.state === "graded",
    confirmed: (result) => result.state === "confirmed",
    published: (result) => result.state === "published",
    failed: (result) => result.passed === false,
    voided: (result) => result.attempt_state === "voided",
  };
  return results
    .filter((result) => result.name.includes(text) || result.ticket_number.includes(text))
    .filter((result) => only === "" || fits[only](result));
}
