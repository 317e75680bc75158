import type { Schemas } from "@/api/client";
import { ServerClock } from "@/shared/clock";

export type Acknowledged = Pick<Schemas["ExamRead"], "server_time" | "deadline_at" | "deadline_version">;

/** Minutes before the end at which the time left is spoken. */
export const NOTICES = [30, 10, 5, 1] as const;

/** The candidate's time: counts by the service's clock to the newest deadline that was told. */
export class Countdown {
  private deadline: string | null = null;
  private version = -1;
  /** Milliseconds left when the clock was stopped. */
  private frozen: number | null = null;

  constructor(readonly clock: ServerClock = new ServerClock()) {}

  /** Takes over server time and deadline, unless the deadline is older than the known one. Tells whether it moved. */
  hear(told: Acknowledged, halfway = 0): boolean {
    this.clock.hear(told.server_time, halfway);
    if (told.deadline_version < this.version) return false;
    const moved = this.version >= 0 && told.deadline_at !== this.deadline;
    if (told.deadline_at === null && this.deadline !== null) this.frozen = this.clock.until(this.deadline);
    if (told.deadline_at !== null) this.frozen = null;
    this.deadline = told.deadline_at;
    this.version = told.deadline_version;
    return moved;
  }

  /** Milliseconds; what was left at the stop while the clock is stopped; null while there is no deadline. */
  left(): number | null {
    return this.deadline === null ? this.frozen : this.clock.until(this.deadline);
  }

  get running(): boolean {
    return this.deadline !== null;
  }
}

/** The notice that is due when the time left falls from `before` to `after` (milliseconds): minutes, or null. */
export function notice(before: number, after: number): number | null {
  const crossed = NOTICES.filter((minutes) => before > minutes * 60_000 && after <= minutes * 60_000);
  return crossed.length === 0 ? null : Math.min(...crossed);
}
