import type { Schemas } from "@/api/client";

type Event = Schemas["EventCreate"];

/** Milliseconds between heartbeats, and after which something that happened is reported. */
const INTERVAL = 10_000;
const SOON = 500;
/** Events in one request, and those kept while there is no network. */
const MOST = 100;
const KEPT = 500;

/** The sign of life each ten seconds, which carries what happened on this page. */
export class Pulse {
  private events: Event[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private beating = false;
  private running = false;

  /** `post` sends; throws when that failed, and the events are sent again with the next beat. */
  constructor(private readonly post: (events: Event[]) => Promise<void>) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    void this.beat();
  }

  stop(): void {
    this.running = false;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  report(kind: string, detail = ""): void {
    if (this.events.length < KEPT) this.events.push({ kind, detail, client_time: new Date().toISOString() });
    this.again(SOON);
  }

  /** Beats now. */
  async beat(): Promise<void> {
    if (this.beating || !this.running) return;
    this.beating = true;
    const sent = this.events.slice(0, MOST);
    let sound = true;
    try {
      await this.post(sent);
      this.events.splice(0, sent.length);
    } catch {
      sound = false;
    } finally {
      this.beating = false;
    }
    this.again(sound && this.events.length > 0 ? SOON : INTERVAL);
  }

  private again(milliseconds: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.running && !this.beating) this.timer = setTimeout(() => void this.beat(), milliseconds);
  }
}
