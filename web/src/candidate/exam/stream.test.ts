import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Unreachable } from "@/api/client";
import { Closed, follow, type Told } from "./stream";

const body = (text: string) => new Blob([text]).stream();
const STATE = 'event: state\ndata: {"state":"in_progress"}\n\n';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What was told and what ended it, with these answers to opening the stream one after another. */
async function followed(...answers: (string | Error)[]) {
  const told: Told["state"][] = [];
  const ends: unknown[] = [];
  const following = follow(
    {
      open: async () => {
        const answer = answers.shift();
        if (typeof answer !== "string") throw answer ?? new Closed("nothing more");
        return body(answer);
      },
      told: (state) => told.push(state.state),
      ended: (reason) => {
        ends.push(reason instanceof Closed ? reason.code : reason);
        return !(reason instanceof Closed);
      },
    },
    new AbortController().signal,
  );
  await vi.advanceTimersByTimeAsync(60_000);
  await following;
  return { told, ends };
}

test("it is opened again after it ended or broke, and each state is told", async () => {
  const away = new Unreachable("away");
  const { told, ends } = await followed(STATE, away, STATE + STATE);
  expect(told).toHaveLength(3);
  expect(ends).toEqual([away, "nothing more"]);
});

test("a closed stream tells its code, and whoever listens decides whether to come back", async () => {
  const { told, ends } = await followed(`${STATE}event: closed\ndata: {"code":"lease_moved"}\n\n`, STATE);
  expect([told.length, ends]).toEqual([1, ["lease_moved"]]);
});
