import createClient from "openapi-fetch";
import type { paths } from "@/api/schema";
import { i18n } from "./i18n";
import { router } from "./router";
import { useSession } from "./session";

/** The service, as the person who is logged in in this tab. */
export const api = createClient<paths>({ baseUrl: "" });

api.use({
  async onRequest({ request }) {
    const token = await useSession().token();
    if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
    request.headers.set("Accept-Language", i18n.global.locale.value);
    return request;
  },
  async onResponse({ response }) {
    if (response.status === 401) {
      useSession().forget();
      const { name, fullPath } = router.currentRoute.value;
      if (name !== "login") await router.push({ name: "login", query: { expired: "1", next: fullPath } });
    }
  },
});
