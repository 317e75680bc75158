import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { effectScope } from "vue";
import { Unreachable } from "@/api/client";
import { row } from "./rows.fixture";
import type { Row } from "./rows";
import { useLive } from "./useLive";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const AT = "2026-11-24T01:00:00Z";
const event = (name: string, id: number, rows: Row[]) =>
  `event: ${name}\nid: ${id}\ndata: ${JSON.stringify({ server_time: AT, rows })}\n\n`;

/** A board of what the streams tell, one after the other, and how many changes it was told of. */
function watching(...streams: string[]) {
  const changes: [number, number][] = [];
  const scope = effectScope();
  const live = scope.run(() =>
    useLive<{ server_time: string }, Row>({
      open: async () => {
        const text = streams.shift();
        if (text === undefined) throw new Unreachable();
        return new Response(text).body!;
      },
      parse: (data) => {
        const { rows, ...head } = JSON.parse(data) as { server_time: string; rows: Row[] };
        return { head, rows };
      },
      changed: (before, after) => changes.push([before.rows.size, after.rows.size]),
    }),
  )!;
  return { live, scope, changes };
}

test("a changed row takes the place of the old one; the others stay the same objects", async () => {
  const first = event("snapshot", 1, [row(1), row(2)]);
  const { live, scope, changes } = watching(first + event("changes", 2, [row(2, { answered: 11 })]));
  await vi.advanceTimersByTimeAsync(0);
  const untouched = live.rows.value.get("attempt-1");
  await vi.advanceTimersByTimeAsync(50);
  expect(live.rows.value.get("attempt-2")?.answered).toBe(11);
  expect(live.rows.value.get("attempt-1")).toBe(untouched);
  expect(changes).toEqual([[2, 2]]);
  scope.stop();
});

test("many changes are shown over several frames, all of them in the end", async () => {
  const seats = Array.from({ length: 100 }, (_, place) => place + 1);
  const before = event(
    "snapshot",
    1,
    seats.map((seat) => row(seat)),
  );
  const after = event(
    "changes",
    2,
    seats.map((seat) => row(seat, { answered: 50 })),
  );
  const { live, scope } = watching(before + after);
  const shown = () => [...live.rows.value.values()].filter((one) => one.answered === 50).length;
  await vi.advanceTimersByTimeAsync(0);
  vi.advanceTimersToNextFrame();
  expect(shown()).toBeGreaterThan(0);
  expect(shown()).toBeLessThan(100);
  await vi.advanceTimersByTimeAsync(500);
  expect(shown()).toBe(100);
  scope.stop();
});

test("a board whose stream is lost says that it is old, and keeps what it knows", async () => {
  const { live, scope } = watching(event("snapshot", 1, [row(1)]));
  expect(live.freshness.value).toBe("opening");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(live.freshness.value).toBe("old");
  expect(live.age.value).toBeGreaterThanOrEqual(4);
  expect(live.rows.value.size).toBe(1);
  scope.stop();
});
