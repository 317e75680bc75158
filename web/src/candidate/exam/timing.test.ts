import { expect, test } from "vitest";
import { ServerClock } from "@/shared/clock";
import { Countdown, notice } from "./timing";

const at = (time: string, deadline: string | null, version: number) => ({
  server_time: `2026-11-24T${time}Z`,
  deadline_at: deadline === null ? null : `2026-11-24T${deadline}Z`,
  deadline_version: version,
});

function countdown() {
  let counter = 0;
  return { time: new Countdown(new ServerClock(() => counter)), pass: (ms: number) => (counter += ms) };
}

test("time runs down to the deadline by a counter", () => {
  const { time, pass } = countdown();
  time.hear(at("09:00:00", "10:00:00", 1));
  pass(60_000);
  expect(time.left()).toBe(59 * 60_000);
});

test("a grant is taken over at once, and an older acknowledgement that comes late changes nothing", () => {
  const { time } = countdown();
  time.hear(at("09:00:00", "10:00:00", 1));
  expect(time.hear(at("09:00:00", "10:05:00", 2))).toBe(true);
  expect(time.hear(at("09:00:00", "10:00:00", 1))).toBe(false);
  expect(time.left()).toBe(65 * 60_000);
});

test("while the clock is stopped what is left stands still", () => {
  const { time, pass } = countdown();
  time.hear(at("09:00:00", "09:30:00", 1));
  time.hear(at("09:10:00", null, 2));
  pass(5 * 60_000);
  expect([time.running, time.left()]).toEqual([false, 20 * 60_000]);
  time.hear(at("09:15:00", "09:35:00", 3));
  expect([time.running, time.left()]).toEqual([true, 20 * 60_000]);
});

test.each([
  [30, 30.5, 29.9],
  [10, 10.01, 10],
  [1, 5.2, 0.5],
  [null, 30, 29.9],
  [null, 25, 20],
  [null, 20, 31],
])("the notice %s is given on the way from %d to %d minutes", (given, before, after) => {
  expect(notice(before * 60_000, after * 60_000)).toBe(given);
});
