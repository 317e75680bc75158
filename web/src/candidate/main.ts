import { createApp } from "vue";
import "@/shared/base.css";
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

const app = createApp(App).use(i18n);
app.provide(EXAM, createExam(await Store.open()));
app.mount("#app");
