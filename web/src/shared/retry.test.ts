import { expect, test } from "vitest";
import { pause } from "./retry";

test.each([
  [1, 500, 1_000],
  [2, 1_000, 2_000],
  [4, 4_000, 8_000],
  [40, 7_500, 15_000],
])("after %i failures a client waits %i to %i ms", (failures, shortest, longest) => {
  expect(pause(failures, () => 0)).toBe(shortest);
  expect(pause(failures, () => 1)).toBe(longest);
});
