import type { Schemas } from "@/api/client";

export type PlanFields = Required<
  Pick<
    Schemas["SittingCreate"],
    | "duration_minutes"
    | "timing_mode"
    | "late_entry_minutes"
    | "earliest_submission_minutes"
    | "grace_seconds"
    | "enforce_seat"
    | "shuffle_items"
    | "shuffle_options"
    | "multiple_choice"
  >
> & { name: string; starts_at: string };

/** Usual minutes for late entry and for handing in early, where the sitting is long enough. */
const USUAL_MINUTES = 30;

/** A new sitting's rules: as long as the standard asks at least, everything else as the service would set it. */
export function defaultsFor(level: Schemas["LevelRead"], startsAt: string): PlanFields {
  const duration = level.theory.minimum_minutes.value;
  return {
    name: "",
    starts_at: startsAt,
    duration_minutes: duration,
    timing_mode: "common_end",
    late_entry_minutes: Math.min(USUAL_MINUTES, duration),
    earliest_submission_minutes: Math.min(USUAL_MINUTES, duration),
    grace_seconds: 10,
    enforce_seat: false,
    shuffle_items: true,
    shuffle_options: true,
    multiple_choice: "all_or_nothing",
  };
}

/** What may be changed of a sitting that is a draft. */
export function fieldsOf(sitting: Schemas["SittingRead"]): PlanFields {
  return {
    name: sitting.name,
    starts_at: sitting.starts_at,
    duration_minutes: sitting.duration_minutes,
    timing_mode: sitting.timing_mode,
    late_entry_minutes: sitting.late_entry_minutes,
    earliest_submission_minutes: sitting.earliest_submission_minutes,
    grace_seconds: sitting.grace_seconds,
    enforce_seat: sitting.enforce_seat,
    shuffle_items: sitting.shuffle_items,
    shuffle_options: sitting.shuffle_options,
    multiple_choice: sitting.multiple_choice,
  };
}

/** RFC 3339 of `minutes` after `instant`. */
export function minutesAfter(instant: string, minutes: number): string {
  return new Date(Date.parse(instant) + minutes * 60_000).toISOString();
}

/** Nine in the morning of the day after `today`, in the reader's time zone. */
export function tomorrowAtNine(today: Date): string {
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() + 1, 9).toISOString();
}
