import type { Feature } from "../feature";
import { MESSAGES } from "./messages";

const feature: Feature = {
  name: "standards",
  routes: [{ path: "/standards/:code?", name: "standards", component: () => import("./Standards.vue") }],
  menu: [{ to: "/standards", title: "standards.title", scopes: ["standards:read"], order: 60 }],
  messages: MESSAGES,
};
export default feature;
