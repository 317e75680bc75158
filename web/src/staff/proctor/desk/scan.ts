import type { Row } from "../live/rows";

/** The ticket number within what a scanner typed: ASCII letters and digits, whatever it puts around them. */
export function scannedTicket(typed: string): string {
  return typed.replace(/[^0-9A-Za-z]/g, "");
}

/** The candidate with exactly this ticket number, or null. */
export function byTicket(rows: Iterable<Row>, typed: string): Row | null {
  const ticket = scannedTicket(typed);
  for (const row of rows) if (row.ticket_number === ticket) return row;
  return null;
}
