import { expect, test } from "vitest";
import { filled, lacking, type Person, type Room } from "./staffing";

const room = (id: string, candidates: number, proctors: string[], proctors_needed: number) =>
  ({ id, candidates, proctors, proctors_needed }) as Room;
const person = (username: string, room_id: string | null = null, chief = false): Person => ({
  username,
  name: username,
  chief,
  room_id,
});

test("a room without candidates needs nobody yet", () => {
  expect([
    lacking(room("A", 0, [], 2)),
    lacking(room("B", 31, ["x"], 3)),
    lacking(room("C", 5, ["x", "y"], 2)),
  ]).toEqual([0, 2, 0]);
});

test("free proctors fill the rooms in turn; chiefs and those placed stay", () => {
  const rooms = [room("A", 31, ["x"], 3), room("B", 10, [], 2), room("C", 10, [], 2)];
  const people = [person("x", "A"), person("p1"), person("chief", null, true), person("p2"), person("p3")];
  expect(filled(rooms, people).map(({ room: { id }, proctors }) => [id, proctors])).toEqual([
    ["A", ["x", "p1", "p2"]],
    ["B", ["p3"]],
  ]);
});
