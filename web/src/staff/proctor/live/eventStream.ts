import { createParser } from "eventsource-parser";
import { Refusal } from "@/api/client";
import { backoff } from "./backoff";

/** Milliseconds without a sign after which a stream counts as lost; the service sends a comment each 15 s. */
export const SILENCE = 20_000;

export interface StreamReader {
  /** Opens the stream; `lastEventId` is null at first. Throws `Refusal` or `Unreachable`. */
  open: (lastEventId: string | null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  heard: (event: string, data: string) => void;
  /** A sign of life: the stream was opened, an event, a comment. */
  alive: () => void;
  /** The stream is lost; it will be opened again. */
  lost: () => void;
}

/**
 * Follows server-sent events until `signal` aborts, coming back where it left off after a break, a silence, or when the
 * device says that it is offline. Throws `Refusal` when the service says
 * that the stream is not the reader's, or is no more (401, 403, 404).
 */
export async function follow(reader: StreamReader, signal: AbortSignal): Promise<void> {
  let lastEventId: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    await readOnce(reader, lastEventId, signal, (id) => {
      lastEventId = id;
      failures = 0;
    });
    if (signal.aborted) return;
    failures += 1;
    reader.lost();
    await pause(backoff(failures, Math.random()), signal);
  }
}

async function readOnce(
  reader: StreamReader,
  lastEventId: string | null,
  signal: AbortSignal,
  heardId: (id: string) => void,
): Promise<void> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal.addEventListener("abort", abort);
  addEventListener("offline", abort);
  const watch = () => setTimeout(abort, SILENCE);
  let timer = watch();
  const alive = () => {
    clearTimeout(timer);
    timer = watch();
    reader.alive();
  };
  const parser = createParser({
    onEvent: (event) => {
      alive();
      reader.heard(event.event ?? "message", event.data);
      if (event.id !== undefined) heardId(event.id);
    },
    onComment: alive,
  });
  try {
    const stream = await reader.open(lastEventId, stop.signal);
    alive();
    const text = new TextDecoder();
    const bytes = stream.getReader();
    for (let part = await bytes.read(); !part.done; part = await bytes.read()) {
      parser.feed(text.decode(part.value, { stream: true }));
    }
  } catch (reason) {
    if (reason instanceof Refusal && [401, 403, 404].includes(reason.status)) throw reason;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    removeEventListener("offline", abort);
  }
}

/** Waits so long, but no longer than until the device is online again, or until `signal` aborts. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      removeEventListener("online", over);
      resolve();
    };
    const timer = setTimeout(over, milliseconds);
    signal.addEventListener("abort", over);
    addEventListener("online", over);
  });
}
