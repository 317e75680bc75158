import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { alternativesOf, completed, composed, isShort, totalItems, totalPoints, USUAL } from "./composition";

test("the usual composition is 90 items for 100 points", () => {
  expect([totalItems(USUAL), totalPoints(USUAL)]).toEqual([90, 100]);
});

test("points add up without the rounding of binary fractions", () => {
  expect(totalPoints([{ type: "single", count: 3, points: 0.1 }])).toBe(0.3);
});

test("a type without items is not sent and comes back with its usual points", () => {
  const singles = composed([
    { ...USUAL[0]!, count: 100 },
    { ...USUAL[1]!, count: 0 },
  ]);
  expect(singles).toEqual([{ type: "single", count: 100, points: 1 }]);
  expect(completed(singles)).toEqual([
    { type: "single", count: 100, points: 1 },
    { type: "multiple", count: 0, points: 2 },
    { type: "true_false", count: 0, points: 1 },
  ]);
});

test("a refusal's near compositions are read", () => {
  const problem = {
    code: "blueprint_infeasible",
    alternatives: [{ shares: [{ type: "single", count: 100, points: "1" }] }],
  } as unknown as Schemas["ProblemRead"];
  expect(alternativesOf(problem)).toEqual([[{ type: "single", count: 100, points: 1 }]]);
  expect(alternativesOf({} as Schemas["ProblemRead"])).toEqual([]);
});

test("what one paper needs is needed by every form", () => {
  const row = { area: "咨询引导", weight: 20, points: 20, counts: { single: 10 }, available: { single: 25 } };
  expect([isShort(row, "single", 2), isShort(row, "single", 3), isShort(row, "multiple", 9)]).toEqual([
    false,
    true,
    false,
  ]);
});
