import { fileURLToPath, URL } from "node:url";
import vue from "@vitejs/plugin-vue";
import ElementPlus from "unplugin-element-plus/vite";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** While developing, as the service does it: every address below /staff is the staff page. */
const staffPage: Plugin = {
  name: "staff-page",
  configureServer({ middlewares }) {
    middlewares.use((request, _, next) => {
      if (/^\/staff(\/[^.]*)?(\?.*)?$/.test(request.url ?? "")) request.url = "/staff/index.html";
      next();
    });
  },
};

export default defineConfig({
  plugins: [
    vue(),
    staffPage,
    Components({ dirs: [], dts: "src/staff/components.d.ts", resolvers: [ElementPlusResolver()] }),
    ElementPlus({}),
  ],
  resolve: { alias: { "@": here("./src") } },
  define: { __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    outDir: here("../app/pages"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        candidate: here("./index.html"),
        staff: here("./staff/index.html"),
        sw: here("./src/candidate/offline/worker.ts"),
      },
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
  server: { proxy: { "/api": process.env["KAOCHANG_ADDRESS"] ?? "http://127.0.0.1:8000" } },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
