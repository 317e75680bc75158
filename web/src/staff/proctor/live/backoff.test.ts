import { expect, test } from "vitest";
import { backoff } from "./backoff";

test("the wait doubles with each failure and never exceeds 15 s", () => {
  expect([1, 2, 3, 4, 5, 6, 60].map((failures) => backoff(failures, 1))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
  ]);
});

test("chance spreads it over the upper half", () => {
  expect(backoff(3, 0)).toBe(1_000);
  expect(backoff(3, 0.5)).toBe(1_500);
});
