import type { Schemas } from "@/api/client";
import { grouped } from "@/shared/grouped";

type RoomRecord = Schemas["RoomRecord"];
type Person = Schemas["Person"];

/** One thing that happened in the room; `what` is a key of the texts `timeline.*`. */
export interface Happening {
  at: string;
  what: string;
  /** Empty: the whole room. */
  seats: number[];
  by: string | null;
  /** Code of a reason, or null. */
  reason: string | null;
  /** Seconds granted or late, or null. */
  seconds: number | null;
  /** Kind of incident, or null. */
  kind: string | null;
  note: string;
}

const PLAIN = { seats: [], by: null, reason: null, seconds: null, kind: null, note: "" } satisfies Partial<Happening>;
const name = (person: Person | null | undefined) => person?.name ?? null;

const seats = (of: { seat_number: number | null }) => (of.seat_number === null ? [] : [of.seat_number]);

/** What happened alike to several at one time is one line. */
function gathered(found: Happening[]): Happening[] {
  const alike = grouped(found, ({ seats: _, ...rest }) => JSON.stringify(rest));
  return [...alike.values()].map((group) => ({ ...group[0]!, seats: group.flatMap((one) => one.seats) }));
}

/** What the record tells, newest first. */
export function happenings(record: RoomRecord): Happening[] {
  const found: Happening[] = [
    ...record.commands.map((one) => ({
      ...PLAIN,
      at: one.at,
      what: `room_${one.command}`,
      by: name(one.by),
      reason: one.reason,
      seconds: one.late_seconds,
    })),
    ...record.attendance.flatMap((one) => [
      ...(one.checked_in_at === null
        ? []
        : [{ ...PLAIN, at: one.checked_in_at, what: "check_in", seats: seats(one), by: name(one.checked_in_by) }]),
      ...(one.started_at === null ? [] : [{ ...PLAIN, at: one.started_at, what: "started", seats: seats(one) }]),
      ...(one.submitted_at === null
        ? []
        : [{ ...PLAIN, at: one.submitted_at, what: `submitted_${one.submitted_by}`, seats: seats(one) }]),
    ]),
    ...record.interruptions.flatMap((one) => [
      { ...PLAIN, at: one.started_at, what: "interrupt", seats: seats(one), reason: one.reason, note: one.note },
      ...(one.ended_at === null ? [] : [{ ...PLAIN, at: one.ended_at, what: "resume", seats: seats(one) }]),
    ]),
    ...record.grants.map((one) => ({
      ...PLAIN,
      at: one.granted_at,
      what: "grant",
      seats: seats(one),
      by: name(one.granted_by),
      reason: one.reason,
      seconds: one.seconds,
    })),
    ...record.hands.map((one) => ({ ...PLAIN, at: one.raised_at, what: "hand", seats: seats(one) })),
    ...record.incidents.flatMap((one) => [
      {
        ...PLAIN,
        at: one.first_at,
        what: "incident",
        seats: seats(one),
        by: name(one.reported_by),
        kind: one.kind,
      },
      ...(one.acknowledged_at === null
        ? []
        : [
            {
              ...PLAIN,
              at: one.acknowledged_at,
              what: "acknowledged",
              seats: seats(one),
              by: name(one.acknowledged_by),
              kind: one.kind,
            },
          ]),
    ]),
    ...record.rulings.map((one) => ({
      ...PLAIN,
      at: one.at,
      what: one.command,
      seats: seats(one),
      by: name(one.by),
      reason: one.reason,
      note: one.note ?? "",
    })),
  ];
  return gathered(found).sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
}
