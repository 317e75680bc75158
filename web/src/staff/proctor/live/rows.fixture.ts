import type { Row } from "./rows";

/** A candidate who writes in peace; what a test is about is given in `differing`. */
export function row(seat: number, differing: Partial<Row> = {}): Row {
  return {
    id: `attempt-${seat}`,
    ticket_number: `26110001${String(seat).padStart(4, "0")}`,
    seat_number: seat,
    name: `考生${seat}`,
    id_number: "110101********0011",
    state: "in_progress",
    identity_check: "identity_card",
    checked_in_at: "2026-11-24T00:40:00Z",
    connection: "online",
    last_seen_at: "2026-11-24T01:10:00Z",
    clock_skew_ms: 0,
    answered: 10,
    total: 100,
    started_at: "2026-11-24T01:00:00Z",
    deadline_at: "2026-11-24T02:30:00Z",
    deadline_version: 1,
    deadline_seen: true,
    seconds_left: 4800,
    clock_stopped: false,
    last_save_at: "2026-11-24T01:10:00Z",
    last_save_age: 0,
    granted_seconds: 0,
    grants: [],
    interruption: null,
    termination_proposal: null,
    submitted_at: null,
    submitted_by: null,
    incidents: { open: 0, severity: null, newest: null, last_at: null },
    hand: null,
    messages_unread: 0,
    allowed_actions: [],
    ...differing,
  };
}
