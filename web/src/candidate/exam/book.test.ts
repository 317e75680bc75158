import "fake-indexeddb/auto";
import { beforeEach, expect, test } from "vitest";
import { createBook } from "./book";
import { Store } from "./store";

const ATTEMPT = "a";
const nothing = { responses: [], last_sequence: 0 };
const theirs = (number: number, sequence: number, answer: string) => ({
  responses: [{ number, sequence, answer, saved_at: "2026-11-24T09:00:00Z" }],
  last_sequence: sequence,
});

let store: Store;
let count = 0;
beforeEach(async () => void (store = await Store.open(`book-${++count}`)));

/** The page of this device after a login or a reload. */
async function opened(epoch: number, stored: Parameters<ReturnType<typeof createBook>["load"]>[0] = nothing) {
  const book = createBook(store, ATTEMPT, epoch);
  await book.load(stored);
  return book;
}

test("an answer is shown at once, waits until it is acknowledged, and outlives a reload", async () => {
  const book = await opened(1);
  const changing = book.change(1, "A");
  expect(book.answer(1)).toBe("A");
  expect(book.waiting.value).toBe(1);
  await changing;

  const reloaded = await opened(1);
  expect(reloaded.answer(1)).toBe("A");
  const sent = reloaded.batch();
  await reloaded.settle(sent, [{ number: 1, outcome: "saved" }]);
  expect([reloaded.waiting.value, reloaded.batch()]).toEqual([0, []]);
  expect(reloaded.claims()).toEqual({ last: 1, sequences: { 1: 1 } });
});

test("what the service refused for good is told, and what it refused for now is sent again when it goes on", async () => {
  const book = await opened(1);
  await book.change(1, "A");
  await book.change(2, "B");
  await book.settle(book.batch(), [
    { number: 1, outcome: "rejected", reason: "not_in_progress" },
    { number: 2, outcome: "rejected", reason: "invalid_answer" },
  ]);
  expect([book.refused.value, book.batch()]).toEqual([[2], []]);
  book.reopen("going_on");
  expect(book.batch().map((entry) => entry.number)).toEqual([1]);
});

test("what the service lacks goes into the queue again", async () => {
  const book = await opened(1, theirs(1, 4, "A"));
  expect(book.batch()).toEqual([]);
  book.lack([1, 9]);
  expect(book.batch().map((entry) => entry.number)).toEqual([1]);
});

test("flags are kept on this device alone", async () => {
  const book = await opened(1);
  await book.flag(3);
  expect([...(await opened(1)).flags]).toEqual([3]);
  expect([...createBook(store, "another", 1).flags]).toEqual([]);
});

test("back on an older device: another's change of the item counts, is told, and flagged for good", async () => {
  const before = await opened(1, theirs(1, 1, "A"));
  for (const answer of ["B", "C", "D"]) await before.change(1, answer);
  await before.change(2, "A");

  const back = await opened(5, theirs(1, 2, "E"));
  expect([back.answer(1), back.answer(2)]).toEqual(["E", "A"]);
  expect(back.overruled.value).toEqual([1]);
  expect(back.batch().map((entry) => entry.number)).toEqual([2]);
  await back.change(1, "B");

  const reloaded = await opened(5, theirs(1, 2, "E"));
  expect([reloaded.answer(1), [...reloaded.flags], reloaded.overruled.value]).toEqual(["B", [1], []]);
});

test("with a receipt nothing stays", async () => {
  const book = await opened(1);
  await book.change(1, "A");
  await book.clear();
  expect((await opened(1)).answer(1)).toBe("");
});
