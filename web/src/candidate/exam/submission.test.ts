import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";
import { Refusal, Unreachable } from "@/api/client";
import { createBook, type Book } from "./book";
import { saveResponses } from "./calls";
import { Sender } from "./sender";
import { Store } from "./store";
import { handIn } from "./submission";

interface Answered {
  status: number;
  body: unknown;
}
const RECEIPT: Answered = { status: 200, body: { code: "ABCD" } };
const missing = (...numbers: number[]): Answered => ({
  status: 409,
  body: { code: "responses_missing", detail: "", status: 409, missing: numbers },
});

/** The service at the network's other end: it stores what comes and answers to handing in one after the other. */
let asked: { path: string; body: Record<string, unknown> }[] = [];
let submissions: Answered[] = [];
let away = false;
const network = vi.hoisted(() => {
  const network = { answer: (_: Request): Promise<Response> => Promise.reject(new TypeError("no network")) };
  globalThis.fetch = (request) => network.answer(request as Request);
  return network;
});
beforeEach(() => {
  [asked, submissions, away] = [[], [], false];
  network.answer = async (request) => {
    if (away) throw new TypeError("no network");
    const path = new URL(request.url).pathname.replace("/api/v1/exam/", "");
    const text = await request.text();
    const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    asked.push({ path, body });
    const { status, body: answer } = path === "submit" ? submissions.shift()! : { status: 200, body: stored(body) };
    return new Response(JSON.stringify(answer), { status, headers: { "Content-Type": "application/json" } });
  };
});

function stored(body: Record<string, unknown>) {
  const responses = (body["responses"] ?? []) as { number: number }[];
  return { responses: responses.map(({ number }) => ({ number, outcome: "saved" })), last_sequence: 0 };
}

let count = 0;
async function writing(): Promise<{ book: Book; sender: Sender }> {
  const book = createBook(await Store.open(`submission-${++count}`), "a", 1);
  const sender = new Sender({
    batch: book.batch,
    save: async (entries, leaving) => (await saveResponses(entries, leaving)).answer.responses,
    settle: book.settle,
    failed: () => false,
  });
  sender.release();
  return { book, sender };
}
const paths = () => asked.map((one) => one.path);

test("everything is sent before it is handed in, with the digest of what is shown", async () => {
  const { book, sender } = await writing();
  void book.change(2, "B");
  void book.change(1, "AC");
  submissions = [RECEIPT];
  expect(await handIn(book, sender)).toEqual(RECEIPT.body);
  expect(paths()).toEqual(["responses", "submit"]);
  expect(asked[1]?.body).toEqual({
    last_sequence: 2,
    digest: "1967104345117c5a185d6dda257727bb23399cc967325b1c908d8f921be06eed",
    sequences: { 1: 2, 2: 1 },
  });
});

test("what the service says it lacks is sent again, and then handed in", async () => {
  const { book, sender } = await writing();
  await book.change(1, "A");
  submissions = [missing(1), RECEIPT];
  await handIn(book, sender);
  expect(paths()).toEqual(["responses", "submit", "responses", "submit"]);
});

test("a service that lacks something and cannot say what is asked what it has", async () => {
  const { book, sender } = await writing();
  await book.change(1, "A");
  submissions = [missing(), RECEIPT];
  await handIn(book, sender);
  expect(asked.map((one) => one.path)).toEqual(["responses", "submit", "responses", "responses", "submit"]);
});

test("it is not tried for ever", async () => {
  const { book, sender } = await writing();
  await book.change(1, "A");
  submissions = Array.from({ length: 9 }, () => missing(1));
  await expect(handIn(book, sender)).rejects.toBeInstanceOf(Refusal);
  expect(submissions).toHaveLength(5);
});

test("nothing is handed in while answers cannot be sent", async () => {
  const { book, sender } = await writing();
  await book.change(1, "A");
  away = true;
  await expect(handIn(book, sender)).rejects.toBeInstanceOf(Unreachable);
  expect(asked).toEqual([]);
  expect(book.waiting.value).toBe(1);
  sender.hold();
});
