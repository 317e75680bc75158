import { expect, test } from "vitest";
import { askedFor, NOTHING } from "./eventFilter";

const asked = (changes: object) =>
  Object.fromEntries(
    Object.entries(askedFor({ ...NOTHING, ...changes })).filter(
      ([name, value]) => name !== "newest_first" && value !== undefined,
    ),
  );

test("nothing chosen asks for everything, the newest first", () => {
  expect(askedFor(NOTHING)).toMatchObject({ newest_first: true });
  expect(asked({})).toEqual({});
});

test("an action is the beginning of a name, not of a word", () => {
  expect(asked({ action: "item" })).toEqual({ action: "item." });
});

test("a time span is asked for in UTC", () => {
  const span = [new Date("2026-11-24T08:00:00+08:00"), new Date("2026-11-24T10:00:00+08:00")];
  expect(asked({ span })).toEqual({ since: "2026-11-24T00:00:00.000Z", until: "2026-11-24T02:00:00.000Z" });
});

test("half an id is not asked for", () => {
  expect(asked({ subject: "019ab" })).toEqual({});
  const id = "019ab000-0000-7000-8000-00000000000a";
  expect(asked({ subject: ` ${id} ` })).toEqual({ subject_id: id });
});
