import { describe, expect, test } from "vitest";
import { batch, claims, type Entry, merged, reopened, settled } from "./sheet";

const entry = (number: number, sequence: number, rest: Partial<Entry> = {}): Entry => ({
  number,
  answer: "A",
  sequence,
  epoch: 1,
  over: 0,
  clientTime: "2026-11-24T09:00:00Z",
  waiting: true,
  refused: null,
  ...rest,
});
const sheet = (...entries: Entry[]) => new Map(entries.map((one) => [one.number, one]));
const stored = (number: number, sequence: number, answer = "B") => ({
  number,
  answer,
  sequence,
  saved_at: "2026-11-24T09:00:01Z",
});

test("what waits is sent, the oldest change first; what is saved or refused is not", () => {
  const entries = [
    entry(1, 9),
    entry(2, 3),
    entry(3, 4, { waiting: false }),
    entry(4, 5, { refused: "deadline_passed" }),
  ];
  expect(batch(entries).map((one) => one.number)).toEqual([2, 1]);
});

test("saved and stale leave the queue, rejected stays in it with its reason", () => {
  const sent = [entry(1, 1), entry(2, 2), entry(3, 3)];
  const changed = settled(sheet(...sent), sent, [
    { number: 1, outcome: "saved" },
    { number: 2, outcome: "stale" },
    { number: 3, outcome: "rejected", reason: "not_in_progress" },
  ]);
  expect(changed.map((one) => [one.number, one.waiting, one.refused])).toEqual([
    [1, false, null],
    [2, false, null],
    [3, true, "not_in_progress"],
  ]);
});

test("an answer changed while its request was under way stays in the queue, over what was saved", () => {
  const now = sheet(entry(1, 2, { answer: "C" }));
  expect(settled(now, [entry(1, 1)], [{ number: 1, outcome: "saved" }])).toEqual([
    entry(1, 2, { answer: "C", over: 1 }),
  ]);
  expect(settled(now, [entry(1, 1)], [{ number: 1, outcome: "stale" }])).toEqual([]);
});

test("going on frees what was refused while interrupted; a moved deadline also what came too late", () => {
  const entries = [
    entry(1, 1, { refused: "not_in_progress" }),
    entry(2, 2, { refused: "deadline_passed" }),
    entry(3, 3, { refused: "invalid_answer" }),
  ];
  expect(reopened(entries, "going_on").map((one) => one.number)).toEqual([1]);
  expect(reopened(entries, "deadline_moved").map((one) => one.number)).toEqual([1, 2]);
});

test("after a reload the higher sequence counts, on an equal one the service's", () => {
  const own = [entry(1, 5), entry(2, 2), entry(3, 3, { answer: "D" })];
  const { entries: all } = merged(own, [stored(1, 4), stored(2, 6), stored(3, 3), stored(4, 7)], 1);
  expect([...all.values()].map((one) => [one.number, one.answer, one.sequence, one.waiting])).toEqual([
    [1, "A", 5, true],
    [2, "B", 6, false],
    [3, "B", 3, false],
    [4, "B", 7, false],
  ]);
});

test("an answer that was acknowledged and is not there any more is sent again", () => {
  const { entries: all } = merged([entry(1, 5, { waiting: false })], [stored(1, 4)], 1);
  expect(all.get(1)).toMatchObject({ sequence: 5, waiting: true });
});

describe("going back to an older device", () => {
  const NOBODY_ELSE = 3;
  const ANOTHER = 5;

  test("after a release without another device in between, an own answer counts by its sequence", () => {
    const { entries, overruled } = merged([entry(1, 5)], [stored(1, 4)], NOBODY_ELSE);
    expect(entries.get(1)).toMatchObject({ answer: "A", epoch: NOBODY_ELSE, waiting: true });
    expect(overruled).toEqual([]);
  });

  test.each([
    ["it was higher here", 9, 4],
    ["it was higher there", 3, 4],
  ])("what another device changed counts, though waiting here: %s", (_, own, theirs) => {
    const waiting = entry(1, own, { over: 2 });
    const { entries, overruled } = merged([waiting], [stored(1, theirs)], ANOTHER);
    expect(entries.get(1)).toMatchObject({ answer: "B", sequence: theirs, waiting: false });
    expect(overruled).toEqual([waiting]);
  });

  test("an own answer counts where the other device left the item as it was", () => {
    const { entries, overruled } = merged([entry(1, 9, { over: 4 }), entry(2, 10)], [stored(1, 4)], ANOTHER);
    expect([...entries.values()].map((one) => [one.number, one.answer, one.waiting])).toEqual([
      [1, "A", true],
      [2, "A", true],
    ]);
    expect(overruled).toEqual([]);
  });

  test("the same answer on both is nothing to be told", () => {
    expect(merged([entry(1, 9)], [stored(1, 4, "A")], ANOTHER).overruled).toEqual([]);
  });
});

test("handing in claims the last sequence that was acknowledged and each item's own", () => {
  expect(claims([entry(1, 9), entry(2, 4, { waiting: false })])).toEqual({ last: 4, sequences: { 1: 9, 2: 4 } });
  expect(claims([])).toEqual({ last: 0, sequences: {} });
});
