import { createRouter, createWebHistory } from "vue-router";
import { FEATURES } from "./features";
import { useSession } from "./session";
import Home from "./shell/Home.vue";
import Login from "./shell/Login.vue";

export const router = createRouter({
  history: createWebHistory("/staff"),
  routes: [
    { path: "/", name: "home", component: Home },
    { path: "/login", name: "login", component: Login, meta: { open: true } },
    ...FEATURES.flatMap((feature) => feature.routes),
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta["open"] === true) return true;
  const session = useSession();
  if (session.loggedIn && session.me === null) await session.load().catch(() => undefined);
  return session.loggedIn ? true : { name: "login", query: { next: to.fullPath } };
});
