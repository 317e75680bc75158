import { createPinia } from "pinia";
import { createApp } from "vue";
import "@/shared/base.css";
import { offerFont } from "@/shared/font";
import "./desk.css";
import { keepLocale, keptLocale } from "@/shared/locale";
import App from "./App.vue";
import { i18n } from "./i18n";
import { router } from "./router";

keepLocale(keptLocale());
document.title = i18n.global.t("app.title");
createApp(App).use(createPinia()).use(i18n).use(router).mount("#app");
offerFont();
