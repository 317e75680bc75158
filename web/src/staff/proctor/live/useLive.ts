import { inject, onScopeDispose, provide, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from "vue";
import { Refusal } from "@/api/client";
import { ServerClock } from "@/shared/clock";
import { sentence } from "../../refusals";
import { follow } from "./eventStream";

/** `opening` until the first snapshot; `old` while the stream is lost; `ended` when it is not the reader's any more. */
export type Freshness = "opening" | "live" | "old" | "ended";

export interface Live<Head, Row> {
  head: ShallowRef<Head | null>;
  rows: ShallowRef<ReadonlyMap<string, Row>>;
  freshness: Ref<Freshness>;
  /** Seconds since the last sign of the service. */
  age: Ref<number>;
  /** Why it ended, in the reader's language. */
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

/**
 * A room or sitting as its stream tells it: a snapshot, then changed rows in place of the old ones. What arrives within
 * one frame is shown as one update.
 */
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
  let planned = false;

  function show(): void {
    planned = false;
    if (newest === null) return;
    const before = head.value === null ? null : { head: head.value, rows: rows.value };
    head.value = newest.head;
    rows.value = newest.rows;
    now.value = clock.now();
    if (before !== null) source.changed?.(before, newest);
  }

  function heard(event: string, data: string): void {
    if (event !== "snapshot" && event !== "changes") return;
    const part = source.parse(data);
    clock.hear(part.head.server_time);
    const next = new Map(event === "changes" ? newest?.rows : undefined);
    for (const row of part.rows) next.set(row.id, row);
    newest = { head: part.head, rows: next };
    freshness.value = "live";
    if (planned) return;
    planned = true;
    if (document.hidden) setTimeout(show);
    else requestAnimationFrame(show);
  }

  function alive(): void {
    aliveAt = performance.now();
    age.value = 0;
    if (newest !== null) freshness.value = "live";
  }

  const lost = () => {
    if (newest !== null) freshness.value = "old";
  };
  follow({ open: source.open, heard, alive, lost }, stop.signal).catch((reason: unknown) => {
    freshness.value = "ended";
    ending.value = sentence(reason);
    if (!(reason instanceof Refusal)) throw reason;
  });

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
