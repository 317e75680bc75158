import { expect, test } from "vitest";
import { changesOf, fits, formOf } from "./account";

const ACCOUNT = {
  id: "1",
  username: "wang.fang",
  name: "王芳",
  roles: ["proctor" as const, "chief" as const],
  active: true,
  created_at: "2026-11-24T00:00:00Z",
};

test("an edit sends what differs only", () => {
  const form = formOf(ACCOUNT);
  expect(changesOf(ACCOUNT, form)).toEqual({});
  expect(changesOf(ACCOUNT, { ...form, roles: ["chief", "proctor"] })).toEqual({});
  expect(changesOf(ACCOUNT, { ...form, name: "王方", active: false, password: "a new long one" })).toEqual({
    name: "王方",
    active: false,
    password: "a new long one",
  });
});

test("accounts are found by name, user name and role", () => {
  expect(fits(ACCOUNT, "FANG", "")).toBe(true);
  expect(fits(ACCOUNT, "王", "chief")).toBe(true);
  expect(fits(ACCOUNT, "王", "admin")).toBe(false);
  expect(fits(ACCOUNT, "李", "")).toBe(false);
});
