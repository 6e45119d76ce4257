import { existsSync, readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";
import pack from "./package.json" with { type: "json" };

/** The licences of what the bundle is made of go with it. */
const licences: Plugin = {
  name: "licences",
  generateBundle() {
    const found = Object.keys(pack.dependencies).map((name) => {
      const about = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { version: string; license: string };
      const path = ["LICENSE", "LICENSE.txt", "LICENSE.md"].map((file) => `node_modules/${name}/${file}`).find(existsSync);
      return `${name} ${about.version}, ${about.license}\n\n${path ? readFileSync(path, "utf8") : ""}`;
    });
    this.emitFile({ type: "asset", fileName: "licences.txt", source: found.join("\n\n\n") });
  },
};

// Everything is a file of this server: no data addresses for scripts, which the page's policy would refuse.
export default defineConfig({
  base: "/",
  plugins: [licences],
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 2000, modulePreload: { polyfill: false } },
  worker: { format: "es" },
});
