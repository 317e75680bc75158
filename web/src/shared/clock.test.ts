import { expect, test } from "vitest";
import { ServerClock } from "./clock";

const NINE = "2026-11-24T09:00:00Z";

test("the server's time runs on by the counter, whatever the device's clock says", () => {
  let counter = 5_000;
  const clock = new ServerClock(() => counter);
  clock.hear(NINE, 20);
  counter += 1_500;
  expect(clock.now()).toBe(Date.parse(NINE) + 1_520);
});

test("what is past has no time left", () => {
  const clock = new ServerClock(() => 0);
  clock.hear(NINE);
  expect(clock.until("2026-11-24T09:30:00Z")).toBe(30 * 60_000);
  expect(clock.until("2026-11-24T08:59:59Z")).toBe(0);
});
