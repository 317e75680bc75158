/** The calls of a candidate's client (docs/api-guide.md). Each throws Refusal or Unreachable. */
import { answered, type Schemas, Unreachable } from "@/api/client";
import { api, patience } from "./session";
import type { Entry } from "./sheet";

/** An answer, and half of the milliseconds it took. */
export interface Timed<T> {
  answer: T;
  halfway: number;
}

async function timed<T>(call: () => Promise<T>): Promise<Timed<T>> {
  const sentAt = performance.now();
  const answer = await call();
  return { answer, halfway: (performance.now() - sentAt) / 2 };
}

export const getExam = () => answered(api.GET("/api/v1/exam", { signal: patience() }));
export const startExam = () => answered(api.POST("/api/v1/exam/start", { signal: patience() }));
export const getPaper = () => answered(api.GET("/api/v1/exam/paper", { signal: patience() }));
export const getSealedPaper = () => answered(api.GET("/api/v1/exam/sealed-paper", { signal: patience() }));
export const getResponses = () => answered(api.GET("/api/v1/exam/responses", { signal: patience() }));
export const getReceipt = () => answered(api.GET("/api/v1/exam/receipt", { signal: patience() }));
export const getResult = () => answered(api.GET("/api/v1/exam/result", { signal: patience() }));
export const lowerHand = () => answered(api.DELETE("/api/v1/exam/hand", { signal: patience() }));

export const submit = (body: Schemas["SubmissionCreate"]) =>
  answered(api.POST("/api/v1/exam/submit", { body, signal: patience() }));

export const checkReceipt = (body: Schemas["ReceiptCheck"]) =>
  answered(api.POST("/api/v1/receipts/check", { body, signal: patience() }));

export const raiseHand = (reason: Schemas["HandReason"], note: string) =>
  answered(api.POST("/api/v1/exam/hand", { body: { reason, note }, signal: patience() }));

export const confirmMessages = (ids: string[]) =>
  answered(api.POST("/api/v1/exam/messages/confirm", { body: { ids }, signal: patience() }));

/** `leaving`: the request outlives the page. */
export function saveResponses(entries: Entry[], leaving: boolean): Promise<Timed<Schemas["ResponsesSaved"]>> {
  const responses = entries.map(({ number, answer, sequence, clientTime }) => ({
    number,
    answer,
    sequence,
    client_time: clientTime,
  }));
  return timed(() =>
    answered(api.PUT("/api/v1/exam/responses", { body: { responses }, keepalive: leaving, signal: patience() })),
  );
}

/** The heartbeat, with what happened. */
export function reportEvents(events: Schemas["EventCreate"][]): Promise<Timed<Schemas["EventsRead"]>> {
  const body = { events, client_time: new Date().toISOString() };
  return timed(() => answered(api.POST("/api/v1/exam/events", { body, signal: patience() })));
}

export async function openStream(_: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const body: unknown = await answered(api.GET("/api/v1/exam/stream", { parseAs: "stream", signal }));
  if (!(body instanceof ReadableStream)) throw new Unreachable("no stream");
  return body as ReadableStream<Uint8Array>;
}
