import { computed, ref, shallowReactive, shallowRef } from "vue";
import { batch, claims, type Entry, merged, type Outcome, reopened, settled, type Stored } from "./sheet";
import type { Store } from "./store";

export type Book = ReturnType<typeof createBook>;

/** The answers of one attempt as this page shows them, under one lease; every change is in the device's store before it is sent. */
export function createBook(store: Store, attempt: string, epoch: number) {
  const entries = shallowReactive(new Map<number, Entry>());
  const shown = shallowReactive(new Map<number, string>());
  const flags = shallowReactive(new Set<number>());
  const pending = shallowReactive(new Set<Promise<Entry>>());
  const unkept = ref(false);
  const overruled = shallowRef<number[]>([]);

  function take(changed: Entry[]): void {
    for (const entry of changed) entries.set(entry.number, entry);
  }

  /** Puts together what the device kept and what the service has. */
  async function load(stored: { responses: Stored[]; last_sequence: number }): Promise<void> {
    const own = await store.read(attempt);
    entries.clear();
    shown.clear();
    flags.clear();
    const both = merged(own.entries, stored.responses, epoch);
    for (const entry of both.entries.values()) {
      entries.set(entry.number, entry);
      shown.set(entry.number, entry.answer);
    }
    const given = both.overruled.map((entry) => entry.number);
    for (const number of [...own.flags, ...given]) flags.add(number);
    if (given.length > 0) overruled.value = given;
    await store.flag(attempt, [...flags]);
    await store.keep(attempt, [...entries.values()], stored.last_sequence, both.overruled);
  }

  /** Shown at once; in the queue when the promise is fulfilled. */
  async function change(number: number, answer: string): Promise<void> {
    shown.set(number, answer);
    const keeping = store.change(attempt, { number, answer, epoch, clientTime: new Date().toISOString() });
    pending.add(keeping);
    try {
      const entry = await keeping;
      if ((entries.get(number)?.sequence ?? 0) < entry.sequence) entries.set(number, entry);
      unkept.value = false;
    } catch (reason) {
      unkept.value = true;
      throw reason;
    } finally {
      pending.delete(keeping);
    }
  }

  /** When every change so far is in the queue. */
  async function written(): Promise<void> {
    await Promise.allSettled(pending);
  }

  async function flag(number: number): Promise<void> {
    if (!flags.delete(number)) flags.add(number);
    await store.flag(attempt, [...flags]);
  }

  async function settle(sent: Entry[], outcomes: Outcome[]): Promise<void> {
    const changed = settled(entries, sent, outcomes);
    take(changed);
    await store.keep(attempt, changed);
  }

  /** The service says that it lacks these. */
  function lack(numbers: number[]): void {
    const found = numbers.flatMap((number) => entries.get(number) ?? []);
    take(found.map((entry) => ({ ...entry, waiting: true, refused: null })));
  }

  function reopen(why: Parameters<typeof reopened>[1]): void {
    take(reopened(entries.values(), why));
  }

  return {
    shown,
    flags,
    load,
    change,
    written,
    flag,
    settle,
    lack,
    reopen,
    batch: () => batch(entries.values()),
    claims: () => claims(entries.values()),
    clear: () => store.clear(attempt),
    answer: (number: number) => shown.get(number) ?? "",
    /** Answers that are not known to be on the service's disk. */
    waiting: computed(() => pending.size + [...entries.values()].filter((entry) => entry.waiting).length),
    /** Numbers that the service refused, and that this page cannot cure. */
    refused: computed(() =>
      [...entries.values()]
        .filter((entry) => entry.refused !== null && entry.refused !== "not_in_progress")
        .map((entry) => entry.number),
    ),
    /** The device's own store failed: an answer may be lost with this page. */
    unkept,
    /** Numbers whose unsent answers gave way to those of another device; flagged, too. Emptied when it was read. */
    overruled,
  };
}
