import type { Schemas } from "@/api/client";

export type Room = Schemas["RoomRead"];
export type Person = Schemas["AssignableRead"];

export function lacking(room: Room): number {
  return room.candidates === 0 ? 0 : Math.max(0, room.proctors_needed - room.proctors.length);
}

/** For each room that lacks proctors all of its proctors to be: those it has, then free ones; chiefs stay free. */
export function filled(rooms: Room[], people: Person[]): { room: Room; proctors: string[] }[] {
  const free = people.filter((person) => person.room_id === null && !person.chief).map((person) => person.username);
  return rooms
    .filter((room) => lacking(room) > 0)
    .map((room) => ({ room, added: free.splice(0, lacking(room)) }))
    .filter(({ added }) => added.length > 0)
    .map(({ room, added }) => ({ room, proctors: [...room.proctors, ...added] }));
}
