import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { Store } from "./store";

const put = (number: number, answer: string, epoch = 1) => ({
  number,
  answer,
  epoch,
  clientTime: "2026-11-24T09:00:00Z",
});
let count = 0;
const fresh = () => `test-${++count}`;

test("a device is the same after every restart, and its secret is long enough for the service", async () => {
  const name = fresh();
  const first = await (await Store.open(name)).device();
  expect(await (await Store.open(name)).device()).toEqual(first);
  expect(first.secret).toMatch(/^[0-9a-f]{64}$/);
});

test("each change gets the next sequence, also from another tab and after a restart", async () => {
  const name = fresh();
  const [one, other] = [await Store.open(name), await Store.open(name)];
  const changes = await Promise.all([
    one.change("a", put(1, "A")),
    other.change("a", put(1, "B")),
    one.change("a", put(2, "C")),
  ]);
  expect(changes.map((entry) => entry.sequence).sort()).toEqual([1, 2, 3]);
  const later = await (await Store.open(name)).change("a", put(3, "D"));
  expect(later.sequence).toBe(4);
});

test("another candidate on the same device sees nothing of the first", async () => {
  const store = await Store.open(fresh());
  await store.change("a", put(1, "A"));
  await store.flag("a", [1]);
  expect(await store.read("b")).toEqual({ sequence: 0, flags: [], entries: [] });
  expect(await store.read("a")).toMatchObject({ sequence: 1, flags: [1], entries: [{ number: 1, answer: "A" }] });
});

test("an acknowledgement does not overwrite a change made meanwhile", async () => {
  const store = await Store.open(fresh());
  const sent = await store.change("a", put(1, "A"));
  await store.change("a", put(1, "B"));
  await store.keep("a", [{ ...sent, waiting: false }]);
  expect((await store.read("a")).entries).toMatchObject([{ answer: "B", sequence: 2, waiting: true }]);
});

test("a change knows what the service had: what was acknowledged before it, or while it waited", async () => {
  const store = await Store.open(fresh());
  const first = await store.change("a", put(1, "A"));
  const second = await store.change("a", put(1, "B"));
  expect([first.over, second.over]).toEqual([0, 0]);
  await store.keep("a", [{ ...first, waiting: false }]);
  expect((await store.read("a")).entries).toMatchObject([{ sequence: 2, over: 1 }]);
  await store.keep("a", [{ ...second, waiting: false }]);
  expect((await store.change("a", put(1, "C"))).over).toBe(2);
});

test("what was overruled gives way to a lower sequence, but not what was changed since", async () => {
  const store = await Store.open(fresh());
  await store.keep("a", [], 8);
  const own = await store.change("a", put(1, "A"));
  const stored = { ...own, answer: "B", sequence: 5, over: 5, waiting: false };
  await store.keep("a", [stored], 0, [own]);
  expect((await store.read("a")).entries).toMatchObject([{ answer: "B", sequence: 5 }]);
  await store.change("a", put(1, "C"));
  await store.keep("a", [stored], 0, [own]);
  expect((await store.read("a")).entries).toMatchObject([{ answer: "C", sequence: 10 }]);
});

test("the counter goes on from what the service has, and never falls", async () => {
  const store = await Store.open(fresh());
  await store.keep("a", [], 40);
  await store.keep("a", [], 7);
  expect((await store.change("a", put(1, "A"))).sequence).toBe(41);
});

test("with a receipt everything of the attempt goes, and the device stays", async () => {
  const store = await Store.open(fresh());
  const device = await store.device();
  await store.change("a", put(1, "A"));
  await store.change("b", put(1, "A"));
  await store.clear("a");
  expect((await store.read("a")).entries).toEqual([]);
  expect((await store.read("b")).entries).toHaveLength(1);
  expect(await store.device()).toEqual(device);
});
