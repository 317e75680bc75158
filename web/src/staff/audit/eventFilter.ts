/** What events are narrowed to; empty is anything. */
export interface EventFilter {
  sitting: string;
  actor: string;
  action: string;
  subject: string;
  /** From the first instant on, before the second. */
  span: [Date, Date] | null;
}

export const NOTHING: EventFilter = { sitting: "", actor: "", action: "", subject: "", span: null };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The parameters of the service's list. A subject that is no id yet is still being typed and not asked for. */
export function askedFor(filter: EventFilter) {
  const subject = filter.subject.trim();
  return {
    sitting_id: filter.sitting || undefined,
    actor_id: filter.actor || undefined,
    action: filter.action ? `${filter.action}.` : undefined,
    subject_id: UUID.test(subject) ? subject : undefined,
    since: filter.span?.[0].toISOString(),
    until: filter.span?.[1].toISOString(),
    newest_first: true,
  };
}
