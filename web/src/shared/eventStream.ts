import { createParser } from "eventsource-parser";
import { pause, rest } from "./retry";

/** Milliseconds without a sign after which a stream counts as lost; the service sends a comment each 15 s. */
export const SILENCE = 20_000;

export interface StreamReader {
  /** Opens the stream; `lastEventId` is null at first. Throws `Refusal` or `Unreachable`. */
  open: (lastEventId: string | null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  /** What it throws is why the stream is lost. */
  heard: (event: string, data: string) => void;
  /** A sign of life: the stream was opened, an event, a comment. */
  alive?: () => void;
  /** It ended (`reason` is null), broke, or could not be opened. True when it should be opened again. */
  lost: (reason: unknown) => boolean;
}

/**
 * Follows server-sent events until `signal` aborts or `lost` says that it is over, coming back where it left off after
 * a break, a silence, or when the device says that it is offline.
 */
export async function follow(reader: StreamReader, signal: AbortSignal): Promise<void> {
  let lastEventId: string | null = null;
  let failures = 0;
  const heard: StreamReader["heard"] = (event, data) => {
    reader.heard(event, data);
    failures = 0;
  };
  while (!signal.aborted) {
    const reason: unknown = await readOnce({ ...reader, heard }, lastEventId, signal, (id) => (lastEventId = id)).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (signal.aborted || !reader.lost(reason)) return;
    failures += 1;
    await rest(pause(failures), signal);
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
    reader.alive?.();
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
  } finally {
    stop.abort();
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    removeEventListener("offline", abort);
  }
}
