import { expect, test } from "vitest";
import { EventReader } from "./events";

test("an event may come in pieces, with comments between", () => {
  const events = new EventReader();
  const pieces = [": alive\n\nid: 7\nev", 'ent: state\r\ndata: {"a":', "1}\n", "\n: alive\n"];
  expect(pieces.flatMap((piece) => events.read(piece))).toEqual([{ event: "state", data: '{"a":1}', id: "7" }]);
});

test("lines of data are joined, and the id stays until another comes", () => {
  const events = new EventReader();
  const found = events.read("id: 1\ndata: a\ndata: b\n\ndata: c\n\n");
  expect(found.map(({ data, id }) => [data, id])).toEqual([
    ["a\nb", "1"],
    ["c", "1"],
  ]);
});
