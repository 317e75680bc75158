import { expect, test } from "vitest";
import { shade, spanOf, STEPS } from "./heat";

test.each([
  [0, 0],
  [1, 1],
  [2, 1],
  [3, 2],
  [9, 3],
  [10, 4],
  [99, 4],
])("%i items have shade %i", (count, expected) => {
  expect(shade(count)).toBe(expected);
});

test("the legend tells which counts a shade stands for", () => {
  expect(STEPS.map((_, index) => spanOf(index))).toEqual(["0", "1–2", "3–5", "6–9", "10+"]);
});
