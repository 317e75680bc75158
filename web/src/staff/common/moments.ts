/** `2026-11-24 17:05` in the reader's time zone for an RFC 3339 instant; with `seconds` also those. */
export function moment(instant: string, seconds = false): string {
  return new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: seconds ? "medium" : "short",
  }).format(new Date(instant));
}
