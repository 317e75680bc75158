import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { changesOf, draftOf, EMPTY, levelOf, lettersOf, memberOf, stillTold, toggled, writtenOf } from "./draft";

const ITEM = {
  code: "C5-001",
  type: "single",
  level: 5,
  knowledge_points: ["L5/1.1.1"],
  stem: "题干",
  options: ["甲", "乙", "丙", "丁"],
  key: "B",
  difficulty: 0.7,
  rationale: "解析",
  reference: "依据",
  enemies: [],
} as unknown as Schemas["ItemDetailRead"];

test("what was not touched is not sent", () => {
  expect(changesOf(ITEM, draftOf(ITEM))).toEqual({});
  expect(changesOf(ITEM, { ...draftOf(ITEM), stem: "新题干" })).toEqual({ stem: "新题干" });
});

test("a hidden key is not sent either", () => {
  const hidden = { ...ITEM, key: null, rationale: null, reference: null };
  expect(changesOf(hidden, { ...draftOf(hidden), stem: "新题干" })).toEqual({ stem: "新题干" });
});

test("the type decides the options and which letters a key has", () => {
  const draft = { ...draftOf(ITEM), type: "multiple" as const, fifth: true };
  expect(lettersOf(draft)).toEqual(["A", "B", "C", "D", "E"]);
  expect(lettersOf({ ...draft, fifth: false })).toEqual(["A", "B", "C", "D"]);
  expect(writtenOf({ ...draft, type: "true_false" })).toMatchObject({ options: [], key: "" });
});

test("letters of a multiple choice are set and taken away in their order", () => {
  const draft = { ...EMPTY, type: "multiple" as const, key: "AD" };
  expect(toggled(draft, "B")).toBe("ABD");
  expect(toggled(draft, "A")).toBe("D");
  expect(toggled({ ...draft, type: "single" }, "C")).toBe("C");
});

test("an error is told until its member is changed", () => {
  const errors = ["options[2]", "stem", "file"].map((place) => ({ place, code: "", detail: "", clause: null }));
  const draft = draftOf(ITEM);
  const left = (changes: object) => stillTold(errors, draft, { ...draft, ...changes }).map((error) => error.place);
  expect(left({})).toEqual(["options[2]", "stem", "file"]);
  expect(left({ options: ["甲", "乙", "丙", "戊", ""] })).toEqual(["stem", "file"]);
  expect(memberOf("body.code")).toBe("code");
});

test.each([
  [["L5/1.1.1"], 5],
  [["2.1.1"], null],
  [[], null],
])("points %j are of level %s", (points, level) => {
  expect(levelOf(points)).toBe(level);
});
