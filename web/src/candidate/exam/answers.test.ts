import { expect, test } from "vitest";
import { answerLines, choices, chosen, type Item, sha256 } from "./answers";

const item = (type: Item["type"]): Item => ({
  number: 1,
  type,
  stem: "?",
  options: [..."ABCD"].map((letter) => ({ letter, text: letter })),
  points: 1,
});

test.each([
  ["single", "", "B", "B"],
  ["single", "A", "B", "B"],
  ["single", "B", "B", "B"],
  ["multiple", "", "C", "C"],
  ["multiple", "CD", "A", "ACD"],
  ["multiple", "ACD", "C", "AD"],
  ["multiple", "A", "A", ""],
  ["true_false", "T", "F", "F"],
] as const)("%s: %s, then %s gives %s", (type, before, letter, after) => {
  expect(chosen(item(type), before, letter)).toBe(after);
});

test("a judgement is right or wrong; others have the options of the paper", () => {
  const words = { right: "正确", wrong: "错误" };
  expect(choices({ ...item("true_false"), options: [] }, words).map((choice) => choice.letter)).toEqual(["T", "F"]);
  expect(choices(item("single"), words)).toHaveLength(4);
});

test("the digest is over the answered items by their numbers", async () => {
  const lines = answerLines([
    [10, "AC"],
    [2, "T"],
    [3, ""],
  ]);
  expect(lines).toBe("2:T\n10:AC\n");
  expect(await sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
