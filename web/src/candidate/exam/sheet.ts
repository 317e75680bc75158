import type { Schemas } from "@/api/client";

/** What became of an answer that the service refused; see docs/api-guide.md. */
export type Refused = "not_in_progress" | "deadline_passed" | "unknown_item" | "invalid_answer";

/** One item's answer as this device has it. `waiting`: not known to be on the service's disk. */
export interface Entry {
  number: number;
  answer: string;
  sequence: number;
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
 * The entries that change by the outcomes of what was `sent`. An answer that was changed meanwhile stays waiting: the
 * outcome is of an older sequence.
 */
export function settled(entries: ReadonlyMap<number, Entry>, sent: Entry[], outcomes: Outcome[]): Entry[] {
  const byNumber = new Map(outcomes.map((outcome) => [outcome.number, outcome]));
  return sent.flatMap((one): Entry[] => {
    const entry = entries.get(one.number);
    const outcome = byNumber.get(one.number);
    if (entry === undefined || outcome === undefined || entry.sequence !== one.sequence) return [];
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

/**
 * What both know, for going on after a reload or from another device: per item the higher sequence counts, and the
 * service's answer where they are equal. What the service lacks waits to be sent, whatever was thought of it before.
 */
export function merged(own: Iterable<Entry>, stored: Iterable<Stored>): Map<number, Entry> {
  const all = new Map([...own].map((entry) => [entry.number, { ...entry, waiting: true, refused: null } as Entry]));
  for (const { number, answer, sequence, saved_at } of stored) {
    const known = all.get(number);
    if (known === undefined || known.sequence <= sequence)
      all.set(number, { number, answer, sequence, clientTime: saved_at, waiting: false, refused: null });
  }
  return all;
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
