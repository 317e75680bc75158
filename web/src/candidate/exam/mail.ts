import { ref } from "vue";
import type { Schemas } from "@/api/client";

export type Message = Schemas["MessageSeen"];

/** What was told and not confirmed yet. The service repeats each message until its confirmation has arrived. */
export function createMail(confirm: (ids: string[]) => Promise<unknown>) {
  const messages = ref<Message[]>([]);
  const read = new Set<string>();

  function hear(told: Message[]): void {
    messages.value = told.filter((message) => !read.has(message.id));
    const again = told.filter((message) => read.has(message.id)).map((message) => message.id);
    if (again.length > 0) void confirm(again).catch(() => undefined);
  }

  /** The candidate has read it. */
  function close(id: string): void {
    read.add(id);
    messages.value = messages.value.filter((message) => message.id !== id);
    void confirm([id]).catch(() => undefined);
  }

  return { messages, hear, close };
}
