import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { checklist, type Obstacle } from "./readiness";

const LEVEL = {
  theory: {
    minimum_minutes: { value: 60, clause: "1.9.4" },
    candidates_per_proctor: { value: 15, clause: "1.9.3" },
  },
} as Schemas["LevelRead"];
const obstacle = (code: string): Obstacle => ({ place: "somewhere", code, detail: code, clause: null });

test("every requirement stands in the list, those of the standard with its clause", () => {
  const checks = checklist([], LEVEL);
  expect(checks.map(({ key, clause }) => [key, clause])).toEqual([
    ["duration", "1.9.4"],
    ["papers", null],
    ["entries", null],
    ["seats", null],
    ["staffing", "1.9.3"],
  ]);
  expect(checks.flatMap((check) => check.obstacles)).toEqual([]);
});

test("obstacles stand under their requirement, and none is left out", () => {
  const given = ["entry_without_seat", "too_few_proctors", "entry_without_seat", "unheard_of"].map(obstacle);
  const counts = checklist(given, LEVEL).map(({ key, obstacles }) => [key, obstacles.length]);
  expect(counts).toEqual([
    ["duration", 0],
    ["papers", 0],
    ["entries", 0],
    ["seats", 2],
    ["staffing", 1],
    ["other", 1],
  ]);
});
