import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { defaultsFor, minutesAfter, tomorrowAtNine } from "./planFields";

const lasting = (minutes: number) =>
  ({ theory: { minimum_minutes: { value: minutes, clause: "1.9.4" } } }) as Schemas["LevelRead"];

test("a new sitting lasts as long as the standard asks", () => {
  const plan = defaultsFor(lasting(60), "2027-03-06T01:00:00Z");
  expect([plan.duration_minutes, plan.late_entry_minutes, plan.earliest_submission_minutes]).toEqual([60, 30, 30]);
});

test("no moment of a short sitting lies after its end", () => {
  const plan = defaultsFor(lasting(20), "2027-03-06T01:00:00Z");
  expect([plan.late_entry_minutes, plan.earliest_submission_minutes]).toEqual([20, 20]);
});

test("the end follows from the start", () => {
  expect(minutesAfter("2027-03-06T01:00:00Z", 90)).toBe("2027-03-06T02:30:00.000Z");
});

test("a new sitting is proposed for the next morning", () => {
  const proposed = new Date(tomorrowAtNine(new Date(2027, 0, 31, 17, 5)));
  expect([proposed.getMonth(), proposed.getDate(), proposed.getHours(), proposed.getMinutes()]).toEqual([1, 1, 9, 0]);
});
