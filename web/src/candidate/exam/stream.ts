import type { Schemas } from "@/api/client";
import { eventsOf } from "@/shared/events";
import { pause } from "./retry";

export type Told = Schemas["CandidateState"];

export interface Listener {
  /** Opens the stream. Throws Refusal, Unreachable. */
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  told: (state: Told) => void;
  /** It was closed (`Closed`), broke, or could not be opened. True when it should be opened again. */
  ended: (reason: unknown) => boolean;
}

/** The service ended the stream, and told why. */
export class Closed extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** Follows the candidate's stream until `signal` aborts or it ended for good. */
export async function follow(listener: Listener, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const { event, data } of eventsOf(await listener.open(signal))) {
        if (event === "state") {
          failures = 0;
          listener.told(JSON.parse(data) as Told);
        }
        if (event === "closed") throw new Closed((JSON.parse(data) as { code: string }).code);
      }
    } catch (reason) {
      if (signal.aborted || !listener.ended(reason)) return;
    }
    failures += 1;
    await new Promise((resolve) => setTimeout(resolve, pause(failures)));
  }
}
