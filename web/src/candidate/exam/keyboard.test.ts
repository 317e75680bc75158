import { expect, test } from "vitest";
import { stroke } from "./keyboard";

const press = (key: string, held: object = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, ...held });

test.each([
  ["a", 4, { does: "choose", index: 0 }],
  ["D", 4, { does: "choose", index: 3 }],
  ["e", 4, null],
  ["e", 5, { does: "choose", index: 4 }],
  ["2", 2, { does: "choose", index: 1 }],
  ["0", 4, null],
  ["f", 4, { does: "flag" }],
  ["ArrowRight", 4, { does: "go", by: 1 }],
  ["ArrowLeft", 4, { does: "go", by: -1 }],
  ["Backspace", 4, { does: "clear" }],
  ["Tab", 4, null],
  [" ", 4, null],
])("%s with %i options", (key, options, does) => {
  expect(stroke(press(key), options)).toEqual(does);
});

test("shortcuts of the browser are left alone", () => {
  expect(stroke(press("a", { ctrlKey: true }), 4)).toBeNull();
});
