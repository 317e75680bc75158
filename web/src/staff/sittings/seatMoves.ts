import type { Schemas } from "@/api/client";

export type Entry = Schemas["EntryRead"];
export type Assignment = Schemas["SeatAssignment"];

export interface Place {
  room_id: string;
  seat_number: number;
}

/**
 * What seats `entry` at `place`: one assignment, or two when they change places with who sits there.
 * Null when nothing would change, or when somebody sits there and has nowhere to go.
 */
export function movesTo(entry: Entry, place: Place, sitting: Entry | null): Assignment[] | null {
  const there = { entry_id: entry.id, ...place };
  if (sitting === null) return [there];
  if (sitting.id === entry.id || entry.room_id === null || entry.seat_number === null) return null;
  return [there, { entry_id: sitting.id, room_id: entry.room_id, seat_number: entry.seat_number }];
}

/** The seat that an arrow key leads to from `seat` in a room of `seats` with rows of `perRow`. */
export function neighbour(seat: number, key: string, seats: number, perRow: number): number {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow }[key] ?? 0;
  const next = seat + step;
  return next < 1 || next > seats ? seat : next;
}
