import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { differences, movesOf } from "./moves";

test.each([
  ["draft", ["review", "retire"]],
  ["reviewed", ["activate", "retire"]],
  ["active", ["retire"]],
  ["retired", []],
] as const)("a reviewer may do with a %s item: %s", (state, moves) => {
  expect(movesOf(state, (...scopes) => scopes.includes("items:review"))).toEqual(moves);
  expect(movesOf(state, () => false)).toEqual([]);
});

test("versions are compared member by member", () => {
  const version = { stem: "甲", options: ["一", "二"], key: "A" } as unknown as Schemas["ItemVersionRead"];
  expect([...differences({ ...version, stem: "乙", options: ["一", "三"] }, version)]).toEqual(["stem", "options"]);
  expect(differences(version, undefined).size).toBe(0);
});
