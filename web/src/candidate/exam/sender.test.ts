import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Unreachable } from "@/api/client";
import { INTERVAL, MANY, Sender } from "./sender";
import type { Entry } from "./sheet";

/** A service that keeps what it is sent, and a sheet of what waits for it. */
class Hall {
  waiting: Entry[] = [];
  requests: number[][] = [];
  left: number[][] = [];
  away = false;
  over = false;
  private sequence = 0;

  readonly sender = new Sender(
    {
      batch: () => [...this.waiting],
      save: async (entries, leaving) => {
        const numbers = entries.map((entry) => entry.number);
        (leaving ? this.left : this.requests).push(numbers);
        if (this.away) throw new Unreachable();
        return entries.map((entry) => ({ number: entry.number, outcome: "saved" as const }));
      },
      settle: async (sent) => {
        this.waiting = this.waiting.filter((entry) => !sent.includes(entry));
      },
      failed: () => this.over,
    },
    () => 1,
  );

  give(...numbers: number[]): void {
    for (const number of numbers) {
      const made = { sequence: ++this.sequence, epoch: 1, over: 0, clientTime: "2026-11-24T09:00:00Z" };
      this.waiting.push({ number, answer: "A", ...made, waiting: true, refused: null });
      this.sender.changed();
    }
  }
}

let hall: Hall;
beforeEach(() => {
  vi.useFakeTimers();
  hall = new Hall();
  hall.sender.release();
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test("changes gather for two seconds after the first", async () => {
  hall.give(1);
  await pass(INTERVAL - 1);
  hall.give(2);
  expect(hall.requests).toEqual([]);
  await pass(1);
  expect(hall.requests).toEqual([[1, 2]]);
});

test("five go at once", async () => {
  hall.give(...Array.from({ length: MANY }, (_, index) => index + 1));
  await pass(0);
  expect(hall.requests).toEqual([[1, 2, 3, 4, 5]]);
});

test("without an answer the same is sent again after pauses that grow, and nothing is lost", async () => {
  hall.away = true;
  hall.give(1);
  await pass(INTERVAL);
  hall.give(2);
  await pass(1_000);
  await pass(1_999);
  expect(hall.requests).toEqual([[1], [1, 2]]);
  hall.away = false;
  await pass(1);
  expect(hall.requests.at(-1)).toEqual([1, 2]);
  expect(hall.waiting).toEqual([]);
});

test("when the network is back the pause ends", async () => {
  hall.away = true;
  hall.give(1);
  await pass(INTERVAL);
  hall.away = false;
  hall.sender.wake();
  await pass(0);
  expect(hall.waiting).toEqual([]);
});

test("while held nothing goes out, and all of it afterwards", async () => {
  hall.sender.hold();
  hall.give(1, 2, 3, 4, 5, 6);
  await pass(60_000);
  expect(hall.requests).toEqual([]);
  hall.sender.release();
  await pass(0);
  expect(hall.waiting).toEqual([]);
});

test("a refusal that is no use to repeat ends the sending", async () => {
  hall.away = hall.over = true;
  hall.give(1);
  await pass(INTERVAL + 60_000);
  expect(hall.requests).toHaveLength(1);
});

test("flushing tells whether everything is saved", async () => {
  hall.give(1, 2);
  expect(await hall.sender.flush()).toBe(true);
  hall.away = true;
  hall.give(3);
  expect(await hall.sender.flush()).toBe(false);
  expect(hall.waiting).toHaveLength(1);
});

test("on leaving, what waits goes out and stays in the queue, since nobody learns whether it arrived", async () => {
  hall.give(1);
  hall.sender.leave();
  expect([hall.left, hall.waiting.length]).toEqual([[[1]], 1]);
});
