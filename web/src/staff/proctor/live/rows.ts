import type { Schemas } from "@/api/client";

export type Row = Schemas["AttemptRow"];
export type RoomHead = Schemas["RoomHead"];
export type AttemptState = Schemas["AttemptState"];
export type Connection = Schemas["Connection"];
export type Severity = Schemas["Severity"];
export type Rows = ReadonlyMap<string, Row>;

export const STATES = [
  "registered",
  "checked_in",
  "ready",
  "in_progress",
  "interrupted",
  "submitted",
  "terminated",
  "absent",
  "voided",
] as const satisfies readonly AttemptState[];
const GRAVITY = ["info", "warning", "alarm"] as const satisfies readonly Severity[];
const BEFORE_WRITING: ReadonlySet<AttemptState> = new Set(["registered", "checked_in", "ready"]);
const WRITING: ReadonlySet<AttemptState> = new Set(["in_progress", "interrupted"]);

/** What can be asked for beside a state. */
export const CONCERNS = ["incident", "hand", "stale", "old_deadline", "proposed", "unread"] as const;
export type Concern = (typeof CONCERNS)[number];

export interface Filter {
  state: AttemptState | null;
  concern: Concern | null;
  /** A seat number (up to three digits), or part of a ticket number, name or masked identity number. */
  text: string;
}

export type Order = "urgency" | "seat";

export function isWriting(row: Row): boolean {
  return WRITING.has(row.state);
}

export function isWaiting(row: Row): boolean {
  return BEFORE_WRITING.has(row.state);
}

/** Not heard of though writing; who is not writing need not be heard of. */
export function isStale(row: Row): boolean {
  return isWriting(row) && row.connection !== "online";
}

const ASKED: Record<Concern, (row: Row) => boolean> = {
  incident: (row) => row.incidents.open > 0,
  hand: (row) => row.hand !== null,
  stale: isStale,
  old_deadline: (row) => isWriting(row) && !row.deadline_seen,
  proposed: (row) => row.termination_proposal !== null && isWriting(row),
  unread: (row) => row.messages_unread > 0,
};

export function concernsOf(row: Row): Concern[] {
  return CONCERNS.filter((concern) => ASKED[concern](row));
}

export function needsAttention(row: Row): boolean {
  return row.incidents.open > 0 || row.hand !== null || isStale(row) || ASKED.proposed(row);
}

function gravity(row: Row): number {
  return row.incidents.severity === null ? -1 : GRAVITY.indexOf(row.incidents.severity);
}

/** The gravest open incidents first, then raised hands, then by seat; or by seat alone. */
export function sorted(rows: Iterable<Row>, order: Order): Row[] {
  const list = [...rows];
  if (order === "seat") return list.sort((one, other) => one.seat_number - other.seat_number);
  return list.sort(
    (one, other) =>
      gravity(other) - gravity(one) ||
      Number(other.hand !== null) - Number(one.hand !== null) ||
      one.seat_number - other.seat_number,
  );
}

function containsText(row: Row, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  if (/^\d{1,3}$/.test(wanted)) return row.seat_number === Number(wanted);
  return [row.ticket_number, row.name, row.id_number].some((field) => field.toLowerCase().includes(wanted));
}

export function shown(rows: Iterable<Row>, filter: Filter): Row[] {
  return [...rows].filter(
    (row) =>
      (filter.state === null || row.state === filter.state) &&
      (filter.concern === null || ASKED[filter.concern](row)) &&
      containsText(row, filter.text),
  );
}

export interface Counts {
  all: number;
  states: ReadonlyMap<AttemptState, number>;
  concerns: ReadonlyMap<Concern, number>;
}

/** How many rows each filter would show by itself. */
export function counted(rows: Iterable<Row>): Counts {
  const list = [...rows];
  const of = (asked: (row: Row) => boolean) => list.filter(asked).length;
  return {
    all: list.length,
    states: new Map(STATES.map((state) => [state, of((row) => row.state === state)])),
    concerns: new Map(CONCERNS.map((concern) => [concern, of(ASKED[concern])])),
  };
}

/** The selected rows that are still there, by seat. */
export function chosen(rows: Rows, selected: ReadonlySet<string>): Row[] {
  return sorted(
    [...selected].flatMap((id) => rows.get(id) ?? []),
    "seat",
  );
}
