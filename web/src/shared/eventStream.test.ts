import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Unreachable } from "@/api/client";
import { follow, SILENCE } from "./eventStream";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const GONE = new Error("gone for good");
type Served = string | Error | ReadableStream<Uint8Array>;

/** A service that answers one after the other, then stays away; and what its reader saw. */
function serving(...answers: Served[]) {
  const asked: (string | null)[] = [];
  const seen: unknown[] = [];
  const stop = new AbortController();
  const reading = follow(
    {
      open: async (lastEventId, signal) => {
        asked.push(lastEventId);
        const answer = answers.shift() ?? new Unreachable();
        if (answer instanceof Error) throw answer;
        if (typeof answer !== "string") return untilAborted(signal);
        return new Response(answer).body!;
      },
      heard: (event, data) => {
        seen.push(`${event} ${data}`);
        if (event === "closed") throw GONE;
      },
      lost: (reason) => {
        seen.push(reason);
        return reason !== GONE;
      },
    },
    stop.signal,
  );
  return { asked, seen, stop, reading };
}

/** Never says anything, and breaks when its reader gives up. */
function untilAborted(signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (stream) => signal.addEventListener("abort", () => stream.error(new Unreachable("aborted"))),
  });
}

test("a stream that ends is opened again from its last event, until the reader is told that it is over", async () => {
  const site = serving("id: 7\nevent: snapshot\ndata: 1\n\n", "id: 8\nevent: changes\ndata: 2\n\n", GONE);
  await vi.runAllTimersAsync();
  await site.reading;
  expect(site.asked).toEqual([null, "7", "8"]);
  expect(site.seen).toEqual(["snapshot 1", null, "changes 2", null, GONE]);
});

test("what is heard may end it", async () => {
  const site = serving('event: closed\ndata: {"code":"lease_moved"}\n\n');
  await site.reading;
  expect(site.seen).toEqual(['closed {"code":"lease_moved"}', GONE]);
});

test("a service that is away is asked again, ever more seldom, until the reader leaves", async () => {
  const site = serving();
  await vi.advanceTimersByTimeAsync(120_000);
  site.stop.abort();
  await site.reading;
  expect(site.asked.length).toBeGreaterThan(8);
  expect(site.asked.length).toBeLessThan(30);
});

test("a device that is online again does not wait for the pause to end", async () => {
  const site = serving(new Unreachable(), GONE);
  await vi.advanceTimersByTimeAsync(1);
  dispatchEvent(new Event("online"));
  await site.reading;
  expect(site.asked).toHaveLength(2);
});

test("silence longer than the service's keep-alive counts as a lost stream", async () => {
  const site = serving(new ReadableStream<Uint8Array>(), GONE);
  await vi.advanceTimersByTimeAsync(SILENCE - 1);
  expect(site.seen).toEqual([]);
  await vi.runAllTimersAsync();
  await site.reading;
  expect(site.seen).toEqual([expect.any(Unreachable), GONE]);
});
