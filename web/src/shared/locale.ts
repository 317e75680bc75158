export const LOCALES = ["zh-CN", "en"] as const;
export type Locale = (typeof LOCALES)[number];

const KEY = "kaochang.locale";

/** The reader's choice, kept on this device; Chinese until another is chosen. */
export function keptLocale(): Locale {
  return localStorage.getItem(KEY) === "en" ? "en" : "zh-CN";
}

export function keepLocale(locale: Locale): void {
  localStorage.setItem(KEY, locale);
  document.documentElement.lang = locale;
}

type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

/** Texts in both languages: English must have exactly the keys of Chinese. */
export function bilingual<const T extends object>(chinese: T, english: Texts<T>): Record<Locale, T> {
  return { "zh-CN": chinese, en: english as T };
}
