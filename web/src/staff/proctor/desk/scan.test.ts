import { expect, test } from "vitest";
import { row } from "../live/rows.fixture";
import { byTicket } from "./scan";

const ROWS = [row(1), row(2)];

test.each(["261100010002", " 261100010002\t", "]C1261100010002".slice(3), "2611-0001-0002"])(
  "%j finds seat 2",
  (typed) => {
    expect(byTicket(ROWS, typed)?.seat_number).toBe(2);
  },
);

test("a ticket number of an outside authority may have letters", () => {
  const foreign = { ...row(3), ticket_number: "KS2026a07" };
  expect(byTicket([...ROWS, foreign], " KS2026a07\t")).toBe(foreign);
});

test.each(["", "2", "26110001000", "261100010009"])("%j finds nobody", (typed) => {
  expect(byTicket(ROWS, typed)).toBeNull();
});
