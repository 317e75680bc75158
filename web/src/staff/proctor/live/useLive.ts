import { inject, onScopeDispose, provide, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import { Refusal } from "@/api/client";
import { ServerClock } from "@/shared/clock";
import { follow } from "@/shared/eventStream";

/** `opening` until the first snapshot; `old` while the stream is lost; `ended` when it is not the reader's any more. */
export type Freshness = "opening" | "live" | "old" | "ended";

export interface Live<Head, Row> {
  head: ShallowRef<Head | null>;
  rows: ShallowRef<ReadonlyMap<string, Row>>;
  freshness: Ref<Freshness>;
  /** Seconds since the last sign of the service. */
  age: Ref<number>;
  /** Why it ended, in the reader's language; empty until then. */
  ending: Ref<string>;
  /** The server's time now, milliseconds since the epoch; moves each second. */
  now: Ref<number>;
  clock: ServerClock;
}

interface Source<Head, Row> {
  open: (lastEventId: string | null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  /** Of an event's data: the head, and the rows in it. */
  parse: (data: string) => { head: Head & { server_time: string }; rows: Row[] };
  /** Rows and head as they were and as they are, after each event but the first. */
  changed?: (before: View<Head, Row>, after: View<Head, Row>) => void;
}

export interface View<Head, Row> {
  head: Head;
  rows: ReadonlyMap<string, Row>;
}

const NOW: InjectionKey<Ref<number>> = Symbol("now");

/** The server's time now in a view below one that is live. */
export function useNow(): Ref<number> {
  return inject(NOW)!;
}

/** Rows that change on the page within one frame; more take the next ones, so that the page never stutters. */
const PER_FRAME = 10;

/** A room or sitting as its stream tells it: a snapshot, then changed rows in place of the old ones. */
export function useLive<Head, Row extends { id: string }>(source: Source<Head, Row>): Live<Head, Row> {
  const head: ShallowRef<Head | null> = shallowRef(null);
  const rows: ShallowRef<ReadonlyMap<string, Row>> = shallowRef(new Map());
  const freshness = ref<Freshness>("opening");
  const ending = ref("");
  const age = ref(0);
  const clock = new ServerClock();
  const now = ref(clock.now());
  const stop = new AbortController();
  let aliveAt = performance.now();
  let newest: View<Head, Row> | null = null;
  let waiting: string[] = [];

  function show(): void {
    const [first, rest] = [waiting.slice(0, PER_FRAME), waiting.slice(PER_FRAME)];
    const next = new Map(rows.value);
    for (const id of first) next.set(id, newest!.rows.get(id)!);
    rows.value = next;
    waiting = rest;
    if (rest.length > 0) requestAnimationFrame(show);
  }

  function heard(event: string, data: string): void {
    if (event !== "snapshot" && event !== "changes") return;
    const part = source.parse(data);
    clock.hear(part.head.server_time);
    const before = newest;
    const next = new Map(event === "changes" ? before?.rows : undefined);
    for (const row of part.rows) next.set(row.id, row);
    newest = { head: part.head, rows: next };
    head.value = part.head;
    freshness.value = "live";
    if (before !== null) source.changed?.(before, newest);
    if (event === "snapshot") {
      now.value = clock.now();
      rows.value = next;
      waiting = [];
      return;
    }
    const planned = waiting.length > 0;
    waiting = [...new Set([...waiting, ...part.rows.map((row) => row.id)])];
    if (!planned && waiting.length > 0) requestAnimationFrame(show);
  }

  function alive(): void {
    aliveAt = performance.now();
    age.value = 0;
    if (newest !== null) freshness.value = "live";
  }

  /** Over only when the service says that the stream is not the reader's, or is no more. */
  function lost(reason: unknown): boolean {
    if (reason instanceof Refusal && [401, 403, 404].includes(reason.status)) {
      freshness.value = "ended";
      ending.value = reason.message;
      return false;
    }
    if (newest !== null) freshness.value = "old";
    return true;
  }
  void follow({ open: source.open, heard, alive, lost }, stop.signal);

  const ticking = setInterval(() => {
    now.value = clock.now();
    age.value = Math.floor((performance.now() - aliveAt) / 1000);
  }, 1000);
  onScopeDispose(() => {
    stop.abort();
    clearInterval(ticking);
  });
  provide(NOW, now);
  return { head, rows, freshness, age, ending, now, clock };
}
