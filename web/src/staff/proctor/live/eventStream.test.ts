import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refusal, Unreachable, type Problem } from "@/api/client";
import { follow, SILENCE } from "./eventStream";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const NOT_FOUND = new Refusal({ code: "not_found", status: 404, detail: "" } as Problem, null);
type Served = string | Error | ReadableStream<Uint8Array>;

/** A service that answers one after the other, then stays away; and what its reader saw. */
function serving(...answers: Served[]) {
  const asked: (string | null)[] = [];
  const seen: string[] = [];
  const stop = new AbortController();
  const reading = follow(
    {
      open: async (lastEventId, signal) => {
        asked.push(lastEventId);
        const answer = answers.shift() ?? new Unreachable();
        if (answer instanceof Error) throw answer;
        const stream = typeof answer === "string" ? new Response(answer).body! : answer;
        signal.addEventListener("abort", () => void stream.cancel().catch(() => undefined));
        return stream;
      },
      heard: (event, data) => seen.push(`${event} ${data}`),
      alive: () => undefined,
      lost: () => seen.push("lost"),
    },
    stop.signal,
  );
  return { asked, seen, stop, reading };
}

test("a stream that breaks off is opened again from its last event", async () => {
  const site = serving("id: 7\nevent: snapshot\ndata: 1\n\n", "id: 8\nevent: changes\ndata: 2\n\n", NOT_FOUND);
  const ended = expect(site.reading).rejects.toBe(NOT_FOUND);
  await vi.runAllTimersAsync();
  await ended;
  expect(site.asked).toEqual([null, "7", "8"]);
  expect(site.seen).toEqual(["snapshot 1", "lost", "changes 2", "lost"]);
});

test("a service that is away is asked again, ever more seldom, until the reader leaves", async () => {
  const site = serving();
  await vi.advanceTimersByTimeAsync(120_000);
  site.stop.abort();
  await site.reading;
  expect(site.asked.length).toBeGreaterThan(8);
  expect(site.asked.length).toBeLessThan(30);
});

test("silence longer than the service's keep-alive counts as a lost stream", async () => {
  const silent = new ReadableStream<Uint8Array>();
  vi.spyOn(silent, "getReader").mockReturnValue({
    read: () => new Promise((_, fail) => setTimeout(() => fail(new Error("aborted")), SILENCE)),
  } as unknown as ReturnType<typeof silent.getReader>);
  const site = serving(silent, NOT_FOUND);
  const ended = expect(site.reading).rejects.toBe(NOT_FOUND);
  await vi.advanceTimersByTimeAsync(SILENCE - 1);
  expect(site.seen).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  await ended;
  expect(site.seen).toEqual(["lost"]);
});
