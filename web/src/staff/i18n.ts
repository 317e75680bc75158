import { createI18n } from "vue-i18n";
import { keptLocale, LOCALES } from "@/shared/locale";
import { FEATURES } from "./features";
import { SHELL } from "./shell/messages";

const messages = Object.fromEntries(
  LOCALES.map((locale) => [
    locale,
    { ...SHELL[locale], ...Object.fromEntries(FEATURES.map((feature) => [feature.name, feature.messages[locale]])) },
  ]),
);

export const i18n = createI18n({ legacy: false, locale: keptLocale(), fallbackLocale: "zh-CN", messages });
