import { Refusal } from "@/api/client";
import { pause } from "@/shared/retry";
import type { Entry, Outcome } from "./sheet";

/** Milliseconds after the first change at which a batch goes out, and changes that make it go at once. */
export const INTERVAL = 2_000;
export const MANY = 5;

export interface Desk {
  /** What is to be sent. */
  batch: () => Entry[];
  /** Sends it. Throws Refusal, Unreachable. */
  save: (entries: Entry[], leaving: boolean) => Promise<Outcome[]>;
  settle: (sent: Entry[], outcomes: Outcome[]) => Promise<void>;
  /** Told of each failure; true when it is no use to try again. */
  failed: (reason: unknown) => boolean;
}

/** Sends what waits: in batches, one request at a time, again after a pause that grows when it failed. */
export class Sender {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private dueAt = 0;
  private busy: Promise<boolean> | null = null;
  private failures = 0;
  private held = true;

  constructor(
    private readonly desk: Desk,
    private readonly random: () => number = Math.random,
  ) {}

  /** Nothing is sent while held: before the start, while interrupted, after the end. */
  hold(): void {
    this.held = true;
    this.cancel();
  }

  release(): void {
    this.held = false;
    this.changed();
  }

  /** To be called after every change. */
  changed(): void {
    const waiting = this.held ? 0 : this.desk.batch().length;
    if (waiting > 0 && this.failures === 0) this.schedule(waiting >= MANY ? 0 : INTERVAL);
  }

  /** The network is back: no more pause. */
  wake(): void {
    if (this.held || this.failures === 0) return;
    this.failures = 0;
    this.cancel();
    this.schedule(0);
  }

  /** Sends until nothing waits; false when that failed, with the rest still waiting. */
  async flush(): Promise<boolean> {
    this.cancel();
    await this.busy;
    while (this.desk.batch().length > 0) if (!(await this.round())) return false;
    return true;
  }

  /** The page is going: a request that outlives it. Whether it arrived is not learned; it stays in the queue. */
  leave(): void {
    const entries = this.held ? [] : this.desk.batch();
    if (entries.length > 0) void this.desk.save(entries, true).catch(() => undefined);
  }

  private schedule(milliseconds: number): void {
    const at = Date.now() + milliseconds;
    if (this.timer !== null && this.dueAt <= at) return;
    this.cancel();
    this.dueAt = at;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.round();
    }, milliseconds);
  }

  private cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private round(): Promise<boolean> {
    this.busy ??= this.send().finally(() => {
      this.busy = null;
      this.changed();
    });
    return this.busy;
  }

  private async send(): Promise<boolean> {
    const entries = this.held ? [] : this.desk.batch();
    if (entries.length === 0) return !this.held;
    try {
      const outcomes = await this.desk.save(entries, false);
      this.failures = 0;
      await this.desk.settle(entries, outcomes);
      return true;
    } catch (reason) {
      if (this.desk.failed(reason)) {
        this.hold();
        return false;
      }
      this.failures += 1;
      const asked = reason instanceof Refusal ? (reason.retryAfter ?? 0) * 1_000 : 0;
      this.schedule(Math.max(asked, pause(this.failures, this.random)));
      return false;
    }
  }
}
