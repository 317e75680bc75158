/** One server-sent event (WHATWG HTML, section 9.2). */
export interface ServerEvent {
  event: string;
  data: string;
  id: string | null;
}

/** Puts events together from pieces of a stream, wherever these are cut. Comments and `retry` are left out. */
export class EventReader {
  private rest = "";
  private event = "";
  private data: string[] = [];
  private id: string | null = null;

  read(piece: string): ServerEvent[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): ServerEvent[] {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    if (field === "data") this.data.push(value);
    if (field === "id") this.id = value;
    return [];
  }

  private dispatch(): ServerEvent[] {
    const found = this.data.length === 0 ? [] : [{ event: this.event, data: this.data.join("\n"), id: this.id }];
    this.event = "";
    this.data = [];
    return found;
  }
}

/** The events of an answer, until it ends. Throws when the connection breaks. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const events = new EventReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* events.read(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
