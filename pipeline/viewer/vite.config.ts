import { defineConfig } from "vite";

// Everything is a file of this server: no data addresses for scripts, which the page's policy would refuse.
export default defineConfig({
  base: "/",
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 2000, modulePreload: { polyfill: false } },
  worker: { format: "es" },
});
