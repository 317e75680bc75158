import { useI18n } from "vue-i18n";

/** The texts of the proctors' pages, and times in the reader's language and time zone. */
export function useTexts() {
  const i18n = useI18n();
  const t = (key: string, values: Record<string, unknown> = {}) => i18n.t(`proctor.${key}`, values);
  const known = (key: string) => i18n.te(`proctor.${key}`, "zh-CN");

  function time(moment: string | number): string {
    const day = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false } as const;
    return new Intl.DateTimeFormat(i18n.locale.value, day).format(new Date(moment));
  }

  function dateTime(moment: string | number): string {
    const whole = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false } as const;
    return new Intl.DateTimeFormat(i18n.locale.value, whole).format(new Date(moment));
  }

  /** `5 s`, `3 min`, `1 h 5 min`. */
  function age(seconds: number): string {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return t("age.seconds", { count: whole });
    if (whole < 3600) return t("age.minutes", { count: Math.floor(whole / 60) });
    return t("age.hours", { hours: Math.floor(whole / 3600), minutes: Math.floor(whole / 60) % 60 });
  }

  /** Why an action is not possible now. */
  function why(code: string): string {
    return known(`refused.${code}`) ? t(`refused.${code}`) : t("refused.other", { code });
  }

  return { t, known, time, dateTime, age, why };
}
