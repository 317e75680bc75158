/**
 * The exam's clock as this page knows it: the server's time when last heard, carried on by a counter that nobody can set.
 * All times are milliseconds since the epoch, UTC.
 */
export class ServerClock {
  private heard: number | null = null;
  private at = 0;

  constructor(private readonly counter: () => number = () => performance.now()) {}

  /** Takes over a server time (RFC 3339); `halfway` is half of the round trip in milliseconds. */
  hear(serverTime: string, halfway = 0): void {
    this.heard = Date.parse(serverTime) + halfway;
    this.at = this.counter();
  }

  /** Now by the server; by this device until the server was heard. */
  now(): number {
    return this.heard === null ? Date.now() : this.heard + this.counter() - this.at;
  }

  /** Milliseconds until `moment` (RFC 3339), never below 0. */
  until(moment: string): number {
    return Math.max(0, Date.parse(moment) - this.now());
  }

  /** By how much this device's own clock is ahead, milliseconds. */
  skew(): number {
    return Date.now() - this.now();
  }
}
