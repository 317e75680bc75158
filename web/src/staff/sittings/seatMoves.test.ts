import { expect, test } from "vitest";
import { movesTo, neighbour, type Entry } from "./seatMoves";

const entry = (id: string, room_id: string | null, seat_number: number | null) =>
  ({ id, room_id, seat_number }) as Entry;

test("a free seat is taken, from another seat or from none", () => {
  const moved = [{ entry_id: "a", room_id: "R", seat_number: 5 }];
  expect(movesTo(entry("a", "R", 1), { room_id: "R", seat_number: 5 }, null)).toEqual(moved);
  expect(movesTo(entry("a", null, null), { room_id: "R", seat_number: 5 }, null)).toEqual(moved);
});

test("two change places, also between rooms", () => {
  expect(movesTo(entry("a", "R", 1), { room_id: "S", seat_number: 5 }, entry("b", "S", 5))).toEqual([
    { entry_id: "a", room_id: "S", seat_number: 5 },
    { entry_id: "b", room_id: "R", seat_number: 1 },
  ]);
});

test("nobody is put off their seat by somebody who has none", () => {
  expect(movesTo(entry("a", null, null), { room_id: "R", seat_number: 5 }, entry("b", "R", 5))).toBeNull();
});

test.each([
  ["ArrowRight", 1, 2],
  ["ArrowLeft", 1, 1],
  ["ArrowDown", 2, 8],
  ["ArrowUp", 8, 2],
  ["ArrowDown", 11, 11],
  ["Tab", 3, 3],
])("%s leads from seat %i to seat %i", (key, from, to) => {
  expect(neighbour(from, key, 12, 6)).toBe(to);
});
