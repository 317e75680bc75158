import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Entry } from "./sheet";

/** Who this device is to the service; made once, never shown. */
export interface Device {
  id: string;
  secret: string;
}

interface Shape extends DBSchema {
  device: { key: "self"; value: Device };
  attempts: { key: string; value: { attempt: string; sequence: number; flags: number[] } };
  entries: { key: [string, number]; value: Entry & { attempt: string } };
}

const NAME = "kaochang";

/** What an attempt looks like on this device. `sequence` is the last one given. */
export interface Kept {
  sequence: number;
  flags: number[];
  entries: Entry[];
}

/** The device's durable store. Everything of a candidate is under the id of the attempt. */
export class Store {
  private constructor(private readonly database: IDBPDatabase<Shape>) {}

  static async open(name: string = NAME): Promise<Store> {
    return new Store(
      await openDB<Shape>(name, 1, {
        upgrade(database) {
          database.createObjectStore("device");
          database.createObjectStore("attempts", { keyPath: "attempt" });
          database.createObjectStore("entries", { keyPath: ["attempt", "number"] });
        },
      }),
    );
  }

  /** The same at every call and after every restart, as long as the browser keeps its data. */
  async device(): Promise<Device> {
    const transaction = this.database.transaction("device", "readwrite");
    const known = await transaction.store.get("self");
    const device = known ?? { id: `web-${random(8)}`, secret: random(32) };
    if (known === undefined) await transaction.store.put(device, "self");
    await transaction.done;
    return device;
  }

  async read(attempt: string): Promise<Kept> {
    const transaction = this.database.transaction(["attempts", "entries"]);
    const [row, entries] = await Promise.all([
      transaction.objectStore("attempts").get(attempt),
      transaction.objectStore("entries").getAll(range(attempt)),
    ]);
    return {
      sequence: row?.sequence ?? 0,
      flags: row?.flags ?? [],
      entries: entries.map(({ attempt: _, ...entry }) => entry),
    };
  }

  /** Puts the answer into the queue with the attempt's next sequence: one transaction, so that none is given twice. */
  async change(
    attempt: string,
    { number, answer, epoch, clientTime }: Pick<Entry, "number" | "answer" | "epoch" | "clientTime">,
  ): Promise<Entry> {
    const transaction = this.database.transaction(["attempts", "entries"], "readwrite");
    const row = (await transaction.objectStore("attempts").get(attempt)) ?? { attempt, sequence: 0, flags: [] };
    const before = await transaction.objectStore("entries").get([attempt, number]);
    const over = before === undefined ? 0 : seen(before);
    const sequence = row.sequence + 1;
    const entry: Entry = { number, answer, sequence, epoch, over, clientTime, waiting: true, refused: null };
    await Promise.all([
      transaction.objectStore("attempts").put({ ...row, sequence: entry.sequence }),
      transaction.objectStore("entries").put({ ...entry, attempt }),
      transaction.done,
    ]);
    return entry;
  }

  /**
   * Overwrites entries, unless a newer change of the same item was put in meanwhile; the counter never falls. Those
   * `overruled` give way whatever their sequence.
   */
  async keep(attempt: string, entries: Entry[], atLeast = 0, overruled: Entry[] = []): Promise<void> {
    const transaction = this.database.transaction(["attempts", "entries"], "readwrite");
    const row = (await transaction.objectStore("attempts").get(attempt)) ?? { attempt, sequence: 0, flags: [] };
    const highest = Math.max(row.sequence, atLeast, ...entries.map((entry) => entry.sequence));
    await transaction.objectStore("attempts").put({ ...row, sequence: highest });
    const store = transaction.objectStore("entries");
    const given = new Map(overruled.map((entry) => [entry.number, entry.sequence]));
    for (const entry of entries) {
      const known = await store.get([attempt, entry.number]);
      const newer =
        known !== undefined && known.sequence > entry.sequence && known.sequence !== given.get(entry.number);
      await store.put(newer ? { ...known, over: Math.max(known.over, seen(entry)) } : { ...entry, attempt });
    }
    await transaction.done;
  }

  async flag(attempt: string, flags: number[]): Promise<void> {
    const transaction = this.database.transaction("attempts", "readwrite");
    const row = (await transaction.store.get(attempt)) ?? { attempt, sequence: 0, flags: [] };
    await Promise.all([transaction.store.put({ ...row, flags }), transaction.done]);
  }

  /** Forgets the attempt: it has a receipt. */
  async clear(attempt: string): Promise<void> {
    const transaction = this.database.transaction(["attempts", "entries"], "readwrite");
    await Promise.all([
      transaction.objectStore("attempts").delete(attempt),
      transaction.objectStore("entries").delete(range(attempt)),
      transaction.done,
    ]);
  }
}

/** The item's sequence at the service, as far as it is known here. */
function seen(entry: Entry): number {
  return entry.waiting ? entry.over : entry.sequence;
}

function range(attempt: string): IDBKeyRange {
  return IDBKeyRange.bound([attempt, 0], [attempt, Number.MAX_SAFE_INTEGER]);
}

/** So many random bytes in hexadecimal; not `randomUUID`, which a page by plain http lacks. */
function random(bytes: number): string {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return [...drawn].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
