// Opens the page of `cairn view` in a browser and uses it: node view.mjs URL FOLDER-FOR-SCREENSHOTS
// Needs the packages of pipeline/viewer (npm ci) and a Chromium (CAIRN_CHROMIUM, or /usr/bin/chromium).

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../pipeline/viewer/package.json", import.meta.url))("playwright-core");
const [, , base, folder] = process.argv;
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CAIRN_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
const PATIENCE = 60_000;
const complaints = [];
const strangers = [];

/** A page at an address behind the #, with all cells drawn. */
async function open(hash, { width = 1440, height = 900, colorScheme = "light", reducedMotion = "reduce" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && url.origin !== new URL(base).origin) strangers.push(request.url());
  });
  await page.goto(`${base}/${hash}`);
  await drawn(page);
  return page;
}

async function drawn(page) {
  await page.waitForFunction(() => window.cairn?.cells().length > 0 && window.cairn.map.isStill());
}

async function shot(page, name) {
  await page.waitForTimeout(400);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

/** A cell that lies in the open part of the map: its id, and where its middle is. */
function cellInTheOpen(page) {
  return page.evaluate(() => {
    const left = document.getElementById("side").getBoundingClientRect();
    const hit = (x, y) => window.cairn.map.hit(x, y) === "cells";
    const free = (x, y) => document.elementFromPoint(x, y)?.classList.contains("maplibregl-canvas") && hit(x, y);
    for (const cell of window.cairn.cells()) {
      const [x, y] = window.cairn.map.pointOf(...cell.centre);
      if (free(x, y) && (x > left.right || y < left.top)) return { id: cell.cell, x, y, resolution: cell.resolution };
    }
    return undefined;
  });
}

/** Holds what is drawn in the middle of cells against the colour that the legend gives their values. */
async function coloursAreTheLegends(page, by) {
  const found = await page.evaluate(() => {
    const legend = [...document.querySelectorAll(".swatch")].map((one) => one.getAttribute("data-colour"));
    const rgb = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    const { map, cells } = window.cairn;
    const inMap = (x, y) => document.elementFromPoint(x, y)?.classList.contains("maplibregl-canvas");
    // An image in the middle of a cell has a colour of its own.
    const free = (x, y) => inMap(x, y) && [-7, 0, 7].every((by) => map.hit(x + by, y) !== "images" && map.hit(x, y + by) !== "images");
    const places = cells().map((cell) => ({ cell, at: map.pointOf(...cell.centre) })).filter(({ at }) => free(...at));
    return places.slice(0, 60).map(({ cell, at }) => {
      const wanted = rgb(legend[map.classOf(cell) + 1]);
      const got = map.pixel(...at);
      return { cell: cell.cell, wanted, got, off: Math.max(...wanted.map((value, one) => Math.abs(value - got[one]))) };
    });
  });
  assert.ok(found.length > 0, `${by}: no cell is in the open`);
  const wrong = found.filter((one) => one.off > 3);
  // A cell's middle may lie under the edge of a neighbour that stands for others, or under an image.
  assert.ok(wrong.length <= found.length / 10, `${by}: ${JSON.stringify(wrong.slice(0, 3))} of ${found.length}`);
  return new Set(found.map((one) => one.wanted.join())).size;
}

const step = (name) => console.log(`ok: ${name}`);

// What a stranger sees first, in both themes and on both kinds of screens.
for (const colorScheme of ["light", "dark"]) {
  const page = await open("", { colorScheme });
  await coloursAreTheLegends(page, "first");
  await shot(page, `first-${colorScheme}`);
  for (const by of ["score", "quality", "freshness", "contributors", "reward"]) {
    await page.locator(`.choices input[value=${by}]`).check({ force: true });
    await page.waitForTimeout(150);
    await drawn(page);
    await coloursAreTheLegends(page, by);
  }
  assert.match(page.url(), /by=reward/);
  await page.context().close();
}
step("cells are drawn in the legend's colours");

{
  const page = await open("");
  const api = async (path) => (await page.request.get(`${base}${path}`)).json();
  const { epochs } = await api("/api/epochs");
  const summary = await api(`/api/${epochs[0].key}`);

  // A click explains a cell, in the words of the command.
  const cell = await cellInTheOpen(page);
  assert.ok(cell, "no cell lies in the open");
  assert.equal(cell.resolution, summary.resolution);
  await page.mouse.click(cell.x, cell.y);
  await page.waitForFunction((id) => document.querySelector("#panel h2")?.title === id, cell.id);
  await page.locator("#panel .words").waitFor({ state: "attached" });
  const said = await api(`/api/${epochs[0].key}/cell/${cell.id}`);
  const words = await page.locator("#panel .words").textContent();
  assert.ok(words.includes(said.text.split("\n")[0].slice(0, 40)), words);
  assert.ok(page.url().includes(`cell=${cell.id}`));
  await shot(page, "cell");
  step("a click explains a cell");

  // From there to a pass, and back.
  await page.locator("#panel .pass .link", { hasText: "why" }).first().click();
  await page.waitForFunction(() => document.querySelector("#panel .kind")?.textContent === "Pass");
  await page.locator("#panel .facts").first().waitFor();
  await shot(page, "pass");
  await page.goBack();
  await page.waitForFunction((id) => document.querySelector("#panel h2")?.title === id, cell.id);
  await page.goForward();
  await page.waitForFunction(() => document.querySelector("#panel .kind")?.textContent === "Pass");
  await page.goBack();
  step("back and forward");

  // The same address gives the same view.
  await page.locator("#panel .words").waitFor({ state: "attached" });
  await page.waitForTimeout(500);
  const address = new URL(page.url()).hash;
  const again = await open(address);
  await again.locator("#panel .words").waitFor({ state: "attached" });
  await again.waitForTimeout(500);
  assert.equal(new URL(again.url()).hash, address);
  assert.equal(await again.locator("#panel h2").getAttribute("title"), cell.id);
  await again.context().close();
  const who = summary.top[0].contributor;
  const [lon, lat] = said.outline.coordinates[0][0];
  const close = `#at=${lat.toFixed(5)},${lon.toFixed(5)},18.00&by=freshness&contributor=${who}`;
  const there = await open(close);
  await there.locator("#panel .big").waitFor();
  await there.waitForTimeout(500);
  assert.equal(new URL(there.url()).hash, close, "the map stays where the link says");
  assert.ok(await there.locator(".choices input[value=freshness]").isChecked());
  await there.context().close();
  step("a deep link restores the view");

  // A search finds a contributor; their cells are outlined.
  await page.locator("#search").fill(who.slice(0, 3).toUpperCase());
  await page.locator("#side .people .row", { hasText: who }).first().click();
  await page.waitForFunction((who) => document.querySelector("#panel h2")?.textContent === who, who);
  await page.locator("#panel .big").waitFor();
  await page.waitForFunction(() => window.cairn.map.outlined() > 0);
  await drawn(page);
  await shot(page, "contributor");
  const cells = await api(`/api/${epochs[0].key}/contributor/${who}/cells`);
  assert.equal(await page.evaluate(() => window.cairn.map.outlined()), cells.features.length);
  step("search finds a contributor");
  await page.locator("#search").fill("nobody of this name");
  await page.getByText("Nobody of that name.").waitFor();

  // Nothing that a stranger wrote becomes a part of the page.
  const bad = '<img src=x onerror="document.title=\'broken\'">';
  await page.goto(`${base}/#object=${encodeURIComponent(bad)}`);
  await page.reload();
  await page.locator("#panel .refused").waitFor();
  assert.ok((await page.locator("#panel .refused").textContent()).includes("<img"));
  assert.equal(await page.locator("#panel img").count(), 0);
  assert.ok(!(await page.title()).includes("broken"));
  complaints.splice(0, complaints.length, ...complaints.filter((said) => !said.includes("404")));
  await page.context().close();
  step("what is not there is said, as text");
}

// All of it by keyboard: to the cells, into one, and out again.
{
  const page = await open("");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const focused = () => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 80));
  for (let at = 0; at < 40 && !(await focused()).startsWith("<summary"); at += 1) await page.keyboard.press("Tab");
  assert.ok((await focused()).startsWith("<summary"), await focused());
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const id = await page.evaluate(() => document.activeElement?.getAttribute("data-cell"));
  assert.ok(id, await focused());
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, "solid", "what has the keyboard is seen");
  await shot(page, "keyboard");
  await page.keyboard.press("Enter");
  await page.waitForFunction((id) => document.querySelector("#panel h2")?.title === id && document.activeElement?.closest("#panel"), id);
  await page.locator("#panel .words").waitFor({ state: "attached" });
  await page.keyboard.press("Escape");
  await page.locator("#panel").waitFor({ state: "hidden" });
  // No trap: Tab reaches the end of the page and begins again.
  const seen = new Set();
  for (let at = 0; at < 150; at += 1) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement?.className || document.activeElement?.id || document.activeElement?.tagName));
  }
  assert.ok(seen.has("skip"), [...seen].join(" | "));
  const unnamed = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, a[href], [role=radiogroup]")]
      .filter((one) => !(one.getAttribute("aria-label") || one.title || one.closest("label")?.textContent || one.textContent).trim())
      .map((one) => one.outerHTML),
  );
  assert.deepEqual(unnamed, [], "everything that can be used has a name");
  await page.context().close();
  step("by keyboard");
}

// From far away a cell stands for many, and leads to them.
{
  const page = await open("");
  const [, lat, lon] = /at=([-0-9.]+),([-0-9.]+)/.exec(page.url());
  await page.context().close();
  const far = await open(`#at=${lat},${lon},10.00`);
  await coloursAreTheLegends(far, "from far away");
  await far.locator("#cells summary").click();
  const kind = () => far.locator("#panel .kind").textContent();
  await far.locator("#cells .row").first().click();
  assert.equal(await kind(), "Area");
  await shot(far, "area");
  await far.locator("#panel .close").click();
  await far.locator("#panel").waitFor({ state: "hidden" });
  await far.locator("#cells .row").first().click();
  await far.locator("#panel .act").click();
  await far.locator("#panel").waitFor({ state: "hidden" });
  await far.waitForFunction(() => Number(/at=[^,]+,[^,]+,([0-9.]+)/.exec(location.hash)?.[1]) > 11);
  await far.context().close();
  step("an area leads to its cells");
}

// Narrow screens, and the other epochs.
{
  const page = await open("", { width: 390, height: 844 });
  await shot(page, "narrow");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await page.context().close();
  const dark = await open("", { width: 390, height: 844, colorScheme: "dark" });
  await shot(dark, "narrow-dark");
  const slider = dark.locator("#epoch");
  if (await slider.count()) {
    const before = await dark.locator("h1").textContent();
    await slider.focus();
    await dark.keyboard.press("ArrowLeft");
    await dark.waitForFunction((before) => document.querySelector("h1").textContent !== before, before);
    assert.match(dark.url(), /epoch=/);
    await dark.goBack();
    await dark.waitForFunction((before) => document.querySelector("h1").textContent === before, before);
    step("the epochs, one after the other");
  }
  await dark.context().close();
}

await browser.close();
assert.deepEqual(strangers, [], "nothing is fetched from anywhere else");
assert.deepEqual(complaints, [], "the browser has nothing to complain about");
step("no complaint, and nobody else was asked");
