import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pulse } from "./pulse";

let beats: string[][];
let away: boolean;
let pulse: Pulse;

beforeEach(() => {
  vi.useFakeTimers();
  beats = [];
  away = false;
  pulse = new Pulse(async (events) => {
    if (away) throw new Error("away");
    beats.push(events.map((event) => event.kind));
  });
});
afterEach(() => {
  pulse.stop();
  vi.useRealTimers();
});

test("it beats at once and each ten seconds, until it is stopped", async () => {
  pulse.start();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(beats).toEqual([[], [], []]);
  pulse.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(beats).toHaveLength(3);
});

test("what happens is reported soon, and together", async () => {
  pulse.start();
  await vi.advanceTimersByTimeAsync(1_000);
  pulse.report("focus_lost");
  pulse.report("copy");
  await vi.advanceTimersByTimeAsync(500);
  expect(beats).toEqual([[], ["focus_lost", "copy"]]);
});

test("without a network the reports wait for it", async () => {
  pulse.start();
  await vi.advanceTimersByTimeAsync(0);
  away = true;
  pulse.report("full_screen_left");
  await vi.advanceTimersByTimeAsync(12_000);
  away = false;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(beats[1]).toEqual(["full_screen_left"]);
});
