import { createApp } from "vue";
import "@/shared/base.css";
import { offerFont } from "@/shared/font";
import "./candidate.css";
import { keepLocale, keptLocale } from "@/shared/locale";
import App from "./App.vue";
import { createExam } from "./exam/exam";
import { Store } from "./exam/store";
import { i18n } from "./i18n";
import { EXAM } from "./inject";
import { showLook } from "./look";

keepLocale(keptLocale());
showLook();
document.title = i18n.global.t("app.title");

try {
  const exam = createExam(await Store.open());
  createApp(App).use(i18n).provide(EXAM, exam).mount("#app");
} catch {
  document.body.textContent = i18n.global.t("problem.storage");
}
offerFont();

/** Only by https or from this machine have browsers workers; without one the page works while there is a network. */
if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js");
