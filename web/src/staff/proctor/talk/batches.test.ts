import { expect, test } from "vitest";
import { batches, withdrawable, type Message } from "./batches";

const message = (batch: string, state: Message["state"], differing: Partial<Message> = {}) =>
  ({ kind: "notice", batch_id: batch, body: batch, state, sent_at: "2026-11-24T01:00:00Z", ...differing }) as Message;

test("what was said at one time is one entry, with how many have read it", () => {
  const [newer, older] = batches([
    message("a", "confirmed"),
    message("a", "pending"),
    message("b", "delivered", { sent_at: "2026-11-24T02:00:00Z" }),
    message("c", "confirmed", { kind: "command" }),
    message("d", "delivered", { kind: "hand" }),
  ]);
  expect([newer?.id, older?.id]).toEqual(["b", "a"]);
  expect(older?.states).toEqual({ pending: 1, delivered: 0, confirmed: 1, withdrawn: 0 });
});

test("what everybody has read cannot be taken back", () => {
  const open = message("a", "delivered");
  expect(withdrawable(batches([message("a", "confirmed"), open])[0]!)).toBe(open);
  expect(withdrawable(batches([message("a", "confirmed"), message("a", "withdrawn")])[0]!)).toBeNull();
});
