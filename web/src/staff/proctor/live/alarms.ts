import type { RoomHead, Row, Severity } from "./rows";
import type { View } from "./useLive";

/** From the loudest to the softest. */
export const RINGS = ["alarm", "hand", "warning"] as const;
export type Ring = (typeof RINGS)[number];

const GRAVITY: Record<Severity, number> = { info: 1, warning: 2, alarm: 3 };
type Incidents = Row["incidents"];

function ringOf(before: Incidents | undefined, after: Incidents): Ring | null {
  const [was, is] = [before, after].map((one) => (one?.severity ? GRAVITY[one.severity] : 0)) as [number, number];
  if (is > was && is === GRAVITY.alarm) return "alarm";
  return is >= GRAVITY.warning && (is > was || after.open > (before?.open ?? 0)) ? "warning" : null;
}

/** The loudest thing that is new: an alarm, a raised hand, or an incident. Null when nothing new needs an ear. */
export function ring(before: View<RoomHead, Row>, after: View<RoomHead, Row>): Ring | null {
  const rings = new Set<Ring | null>([ringOf(before.head.incidents, after.head.incidents)]);
  for (const [id, row] of after.rows) {
    const was = before.rows.get(id);
    if (was === row) continue;
    rings.add(ringOf(was?.incidents, row.incidents));
    if (row.hand !== null && row.hand.id !== was?.hand?.id) rings.add("hand");
  }
  return RINGS.find((one) => rings.has(one)) ?? null;
}
