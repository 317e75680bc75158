import { expect, test } from "vitest";
import { useSelection } from "./selection";

const SHOWN = ["a", "b", "c", "d", "e"];
const plain = new MouseEvent("click");
const withCtrl = new MouseEvent("click", { ctrlKey: true });
const withShift = new MouseEvent("click", { shiftKey: true });

test("a click selects one, Ctrl one more, Shift all between", () => {
  const selection = useSelection(() => SHOWN);
  selection.click("b", plain, false);
  selection.click("d", withCtrl, false);
  expect([...selection.selected.value]).toEqual(["b", "d"]);
  selection.click("b", withCtrl, false);
  expect([...selection.selected.value]).toEqual(["d"]);
  selection.only("b");
  selection.click("d", withShift, false);
  expect([...selection.selected.value]).toEqual(["b", "c", "d"]);
});

test("with several at a time a plain touch adds and takes away", () => {
  const selection = useSelection(() => SHOWN);
  selection.click("a", plain, true);
  selection.click("c", plain, true);
  selection.click("a", plain, true);
  expect([...selection.selected.value]).toEqual(["c"]);
});

test("all are those shown", () => {
  let shown = SHOWN;
  const selection = useSelection(() => shown);
  expect(selection.everyone.value).toBe(false);
  selection.all();
  expect(selection.everyone.value).toBe(true);
  selection.none();
  shown = ["c"];
  selection.all();
  expect([...selection.selected.value]).toEqual(["c"]);
});

test("the keyboard walks within what is shown", () => {
  const selection = useSelection(() => SHOWN);
  expect(selection.step(1)).toBe("a");
  expect(selection.step(3)).toBe("d");
  expect(selection.step(9)).toBe("e");
  expect(selection.step(-99)).toBe("a");
});
