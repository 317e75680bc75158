import { expect, test } from "vitest";
import { createMail, type Message } from "./mail";

const message = (id: string): Message => ({
  id,
  kind: "notice",
  code: null,
  body: "请保持安静。",
  details: {},
  sent_at: "2026-11-24T09:00:00Z",
});

test("a message is shown until it is read, and a confirmation that was lost is sent again", async () => {
  const confirmed: string[][] = [];
  const mail = createMail(async (ids) => {
    confirmed.push(ids);
    if (confirmed.length === 1) throw new Error("away");
  });
  mail.hear([message("1"), message("2")]);
  mail.close("1");
  mail.hear([message("1"), message("2")]);
  expect(mail.messages.value.map((one) => one.id)).toEqual(["2"]);
  expect(confirmed).toEqual([["1"], ["1"]]);
});

test("what was withdrawn is not shown any more", () => {
  const mail = createMail(async () => undefined);
  mail.hear([message("1")]);
  mail.hear([]);
  expect(mail.messages.value).toEqual([]);
});
