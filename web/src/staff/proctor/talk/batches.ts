import type { Schemas } from "@/api/client";
import { grouped } from "@/shared/grouped";

export type Message = Schemas["MessageRead"];
export type MessageState = Schemas["MessageState"];

/** What a proctor said at one time, to one candidate or more. */
export interface Batch {
  id: string;
  body: string;
  sentAt: string;
  messages: Message[];
  states: Record<MessageState, number>;
}

/** Proctors' words by batch, newest first; commands and hands are left out. */
export function batches(messages: readonly Message[]): Batch[] {
  const notices = messages.filter((message) => message.kind === "notice");
  return [...grouped(notices, (message) => message.batch_id)]
    .map(([id, members]) => ({
      id,
      body: members[0]!.body,
      sentAt: members[0]!.sent_at,
      messages: members,
      states: counted(members),
    }))
    .sort((one, other) => Date.parse(other.sentAt) - Date.parse(one.sentAt));
}

function counted(messages: readonly Message[]): Record<MessageState, number> {
  const states = { pending: 0, delivered: 0, confirmed: 0, withdrawn: 0 };
  for (const message of messages) states[message.state] += 1;
  return states;
}

/** One that can still be taken back, or null. */
export function withdrawable(batch: Batch): Message | null {
  return batch.messages.find((message) => message.state === "pending" || message.state === "delivered") ?? null;
}
