import { ref } from "vue";
import { type Acknowledged, Countdown, notice } from "./timing";

/** The candidate's time as it is shown. */
export function createTimer() {
  const time = new Countdown();
  /** Milliseconds left; null when there is no deadline. */
  const left = ref<number | null>(null);
  const ticking = ref(false);
  /** By the service's clock, milliseconds since the epoch. */
  const now = ref(Date.now());
  /** The notice that is spoken now, minutes. */
  const spoken = ref<number | null>(null);

  function show(): void {
    now.value = time.clock.now();
    left.value = time.left();
    ticking.value = time.running;
  }

  /** Tells whether the deadline moved. */
  function hear(told: Acknowledged, halfway: number): boolean {
    const moved = time.hear(told, halfway);
    show();
    return moved;
  }

  function speak(before: number | null): void {
    if (before === null || left.value === null || !ticking.value) return;
    spoken.value = notice(before, left.value) ?? spoken.value;
  }

  /** Shows the time; speaks notices while the candidate writes. */
  function tick(writing: boolean): void {
    const before = left.value;
    show();
    if (writing) speak(before);
  }

  return {
    shown: { left, ticking, now, spoken },
    hear,
    tick,
    skew: () => time.clock.skew(),
    isUp: () => time.running && time.left() === 0,
  };
}
