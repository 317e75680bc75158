import type { Feature } from "../feature";
import { MESSAGES } from "./messages";

const feature: Feature = {
  name: "accounts",
  routes: [
    { path: "/accounts", name: "accounts", component: () => import("./Accounts.vue") },
    { path: "/password", name: "password", component: () => import("./Password.vue") },
  ],
  menu: [{ to: "/accounts", title: "accounts.title", scopes: ["staff:manage"], order: 80 }],
  messages: MESSAGES,
};
export default feature;
