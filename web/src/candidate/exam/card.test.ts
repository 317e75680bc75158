import { expect, test } from "vitest";
import type { Item } from "./answers";
import { card, parts, summary } from "./card";

const item = (number: number, type: Item["type"]): Item => ({ number, type, stem: "", options: [], points: 1 });
const ITEMS = [item(1, "single"), item(2, "single"), item(3, "multiple"), item(4, "true_false")];
const ANSWERS = new Map([
  [1, "A"],
  [2, ""],
  [3, "AC"],
]);
const cells = card(ITEMS, (number) => ANSWERS.get(number) ?? "", new Set([2, 3]));

test("an answer that was taken back is unanswered; a flag stands beside either", () => {
  expect(cells).toEqual([
    { number: 1, mark: "answered", flagged: false },
    { number: 2, mark: "unanswered", flagged: true },
    { number: 3, mark: "answered", flagged: true },
    { number: 4, mark: "unanswered", flagged: false },
  ]);
});

test("the summary counts and names", () => {
  expect(summary(cells)).toEqual({ answered: 2, unanswered: [2, 4], flagged: [2, 3] });
});

test("the card has a part for each kind of item", () => {
  expect(parts(ITEMS, cells).map((part) => [part.type, part.cells.length])).toEqual([
    ["single", 2],
    ["multiple", 1],
    ["true_false", 1],
  ]);
});
