import type { Schemas } from "@/api/client";

/** What became of an answer that the service refused; see docs/api-guide.md. */
export type Refused = "not_in_progress" | "deadline_passed" | "unknown_item" | "invalid_answer";

/** One item's answer as this device has it. `waiting`: not known to be on the service's disk. */
export interface Entry {
  number: number;
  answer: string;
  sequence: number;
  /** The lease under which it was made here. */
  epoch: number;
  /** The item's sequence at the service that this change was made over, as far as was known here; 0 for none. */
  over: number;
  /** RFC 3339, by this device's clock. */
  clientTime: string;
  waiting: boolean;
  refused: Refused | null;
}

export type Stored = Schemas["ResponseRead"];
export type Outcome = Schemas["ResponseOutcome"];

/** Most answers in one request. */
export const LARGEST_BATCH = 500;

/** What is to be sent, oldest change first. What was refused for good, or for now, is not. */
export function batch(entries: Iterable<Entry>): Entry[] {
  return [...entries]
    .filter((entry) => entry.waiting && entry.refused === null)
    .sort((one, other) => one.sequence - other.sequence)
    .slice(0, LARGEST_BATCH);
}

/**
 * The entries that change by the outcomes of what was `sent`. An answer that was changed meanwhile stays waiting, now
 * over what was saved: the outcome is of an older sequence.
 */
export function settled(entries: ReadonlyMap<number, Entry>, sent: Entry[], outcomes: Outcome[]): Entry[] {
  const byNumber = new Map(outcomes.map((outcome) => [outcome.number, outcome]));
  return sent.flatMap((one): Entry[] => {
    const entry = entries.get(one.number);
    const outcome = byNumber.get(one.number);
    if (entry === undefined || outcome === undefined) return [];
    if (entry.sequence !== one.sequence) return outcome.outcome === "saved" ? [{ ...entry, over: one.sequence }] : [];
    if (outcome.outcome === "rejected") return [{ ...entry, refused: outcome.reason as Refused }];
    return [{ ...entry, waiting: false, refused: null }];
  });
}

/** The refused entries that may be sent again: the attempt goes on, or its deadline has moved. */
export function reopened(entries: Iterable<Entry>, why: "going_on" | "deadline_moved"): Entry[] {
  const curable: readonly Refused[] = why === "going_on" ? ["not_in_progress"] : ["not_in_progress", "deadline_passed"];
  return [...entries]
    .filter((entry) => entry.refused !== null && curable.includes(entry.refused))
    .map((entry) => ({ ...entry, refused: null }));
}

/** Leases between one of this device and its next, when no other device had one: the release and the new login. */
const NOBODY_ELSE = 2;

/** What both know. `overruled`: own answers that never arrived and gave way to what another device had saved. */
export interface Merged {
  entries: Map<number, Entry>;
  overruled: Entry[];
}

/**
 * What both know, for going on after a reload, or with the lease `epoch` from another device. Per item the higher
 * sequence counts, and the service's answer where they are equal. Where another device had the lease in between,
 * sequences say nothing of what is newer: an own answer that waits counts only over what it was made over. What the
 * service lacks waits to be sent, whatever was thought of it before.
 */
export function merged(own: Iterable<Entry>, stored: Iterable<Stored>, epoch: number): Merged {
  const kept = new Map([...own].map((entry) => [entry.number, entry]));
  const entries = new Map(
    [...kept.values()].map((entry): [number, Entry] => [
      entry.number,
      { ...entry, epoch, waiting: true, refused: null },
    ]),
  );
  const overruled: Entry[] = [];
  for (const { number, answer, sequence, saved_at } of stored) {
    const known = kept.get(number);
    const rivals = known !== undefined && known.waiting && epoch - known.epoch > NOBODY_ELSE && known.over < sequence;
    if (known !== undefined && known.sequence > sequence && !rivals) continue;
    if (rivals && known.answer !== answer) overruled.push(known);
    const settled = { waiting: false, refused: null, clientTime: saved_at };
    entries.set(number, { number, answer, sequence, epoch, over: sequence, ...settled });
  }
  return { entries, overruled };
}

/** What `submit` says that this device has. `last` is the last sequence known to be stored. */
export function claims(entries: Iterable<Entry>): { last: number; sequences: Record<string, number> } {
  const all = [...entries];
  const stored = all.filter((entry) => !entry.waiting).map((entry) => entry.sequence);
  return {
    last: Math.max(0, ...stored),
    sequences: Object.fromEntries(all.map((entry) => [entry.number, entry.sequence])),
  };
}
