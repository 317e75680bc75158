import type { Schemas } from "@/api/client";
import type { StreamReader } from "@/shared/eventStream";

export type Told = Schemas["CandidateState"];

/** The service ended the stream, and told why. */
export class Closed extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** What the events of a candidate's stream mean: each `state` is told, `closed` throws `Closed`. */
export function hearing(told: (state: Told) => void): StreamReader["heard"] {
  return (event, data) => {
    if (event === "state") told(JSON.parse(data) as Told);
    if (event === "closed") throw new Closed((JSON.parse(data) as { code: string }).code);
  };
}
