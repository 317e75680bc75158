import { createI18n } from "vue-i18n";
import { Refusal } from "@/api/client";
import { keptLocale } from "@/shared/locale";
import { TEXTS } from "./texts";

export const i18n = createI18n({ legacy: false, locale: keptLocale(), fallbackLocale: "zh-CN", messages: TEXTS });

/** What went wrong, as a sentence for the candidate: the service's own words where it answered. */
export function sentence(reason: unknown): string {
  return reason instanceof Refusal ? reason.problem.detail : i18n.global.t("problem.unreachable");
}

/** Hour and minute where the candidate is; with the day when that is another one. */
export function moment(time: string, now: number): string {
  const then = new Date(time);
  const today = then.toDateString() === new Date(now).toDateString();
  return then.toLocaleString(i18n.global.locale.value, {
    ...(today ? {} : { month: "long", day: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  });
}

/** Day, hour, minute and second where the candidate is. */
export function instant(time: string): string {
  return new Date(time).toLocaleString(i18n.global.locale.value, { hour12: false });
}
