import type { Feature } from "../feature";
import { MESSAGES } from "./messages";

const feature: Feature = {
  name: "audit",
  routes: [{ path: "/audit", name: "audit", component: () => import("./Audit.vue") }],
  menu: [{ to: "/audit", title: "audit.title", scopes: ["audit:read"], order: 90 }],
  messages: MESSAGES,
};
export default feature;
