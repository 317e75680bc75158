import { expect, test } from "vitest";
import { counted, mediaTypeOf } from "./bankFile";

test.each([
  ["bank.json", "application/json"],
  ["BANK.JSON", "application/json"],
  ["bank.yaml", "application/yaml"],
  ["bank.yml", "application/yaml"],
])("%s is sent as %s", (name, type) => {
  expect(mediaTypeOf(name)).toBe(type);
});

test("rows are counted by what becomes of them", () => {
  expect(counted([{ outcome: "created" }, { outcome: "created" }, { outcome: "unchanged" }])).toEqual({
    created: 2,
    changed: 0,
    unchanged: 1,
  });
});
