import { expect, test } from "vitest";
import { clockFace } from "./durations";

test.each([
  [0, "00:00"],
  [1, "00:01"],
  [59_999, "01:00"],
  [3_600_000, "1:00:00"],
  [5_445_000, "1:30:45"],
])("%i ms are shown as %s", (milliseconds, shown) => {
  expect(clockFace(milliseconds)).toBe(shown);
});
