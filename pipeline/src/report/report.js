"use strict";
// Helpers for the whole page. Whatever comes from the data reaches the document as text: `el` sets text nodes and
// a few harmless attributes, and nothing here parses markup.

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "width%") node.style.width = value + "%";
    else if (key === "grow") node.style.flexGrow = String(value);
    else if (key === "paint") node.style.background = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== ""));
  return node;
}

const strong = (text, title) => el("strong", { title }, text);
/// A stranger's word: isolated, so that its writing direction stays its own.
const name = (text) => el("bdi", {}, text);
const mono = (text) => el("code", {}, text);
const code = (text) => el("code", { class: "code" }, text);

// Numbers. Sums run in BigInt: a pool may exceed what a double holds.
const int = (value) => {
  const digits = String(value);
  const sign = digits.startsWith("-") ? "\u2212" : "";
  return sign + digits.replace("-", "").replace(/\B(?=(\d{3})+$)/g, ",");
};
const big = (value) => BigInt(value);
const sum = (values) => values.reduce((a, b) => a + big(b), 0n);
const percent = (ppm) => (ppm / 10000).toFixed(1) + "\u00a0%";
const ppmTitle = (ppm) => int(ppm) + " ppm";
const ratio = (part, whole) => (big(whole) === 0n ? 0 : Number((big(part) * 1000000n) / big(whole)));
const plural = (count, one, many) => int(count) + "\u00a0" + (big(count) === 1n ? one : many);
const ppmText = (ppm) => el("span", { title: ppmTitle(ppm) }, percent(ppm));
function size(bytes) {
  let value = Number(bytes);
  let unit = 0;
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit += 1; }
  return (unit === 0 ? int(value) : value >= 99.5 ? value.toFixed(0) : value.toFixed(1)) + "\u00a0" + units[unit];
}
/// `2026-11-18T09:12:33.000Z` as `2026-11-18 09:12 UTC`; anything else as it stands.
function moment(text) {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:[\d.]+)?Z$/.exec(text);
  return el("time", { title: text }, parts ? parts[1] + " " + parts[2] + "\u00a0UTC" : text);
}

/// A bar of proportions with its key in words. parts: [class, label, value].
function proportions(parts, describe) {
  const shown = parts.filter((p) => big(p[2]) > 0n);
  const whole = sum(parts.map((p) => p[2]));
  return [
    el("div", { class: "bar", "aria-hidden": "true" },
      shown.map(([kind, , value]) => el("span", { class: kind, grow: Math.max(ratio(value, whole), 1) }))),
    el("ul", { class: "keys", "aria-label": describe },
      parts.map(([kind, label, value]) =>
        el("li", {}, el("span", { class: "swatch " + kind, "aria-hidden": "true" }), int(value) + " " + label + " ",
          el("span", { class: "quiet", title: ppmTitle(ratio(value, whole)) }, percent(ratio(value, whole)))))),
  ];
}

/// A table that sorts by its headers and grows by steps.
/// `plain` keeps the caption for readers by ear, where a heading says the same.
/// columns: {label, title?, num?, class?, cell(row) -> text or node, key?(row) -> value to sort by, head?: bool}
function table({ columns, rows, caption, plain, step, kind, foot, sort, what }) {
  const order = { column: sort ? sort[0] : -1, down: sort ? sort[1] : false };
  let shown = step || rows.length;
  let current = rows;
  const body = el("tbody");
  const status = el("span");
  const note = el("p", { class: "more" });
  const grow = (by) => { const from = shown; shown += by; paint(); const next = body.rows[from]; if (next) { next.tabIndex = -1; next.focus(); } };
  const button = el("button", { type: "button", class: "plain", onclick: () => grow(step) });
  const all = el("button", { type: "button", class: "plain", onclick: () => grow(current.length) }, "Show all");
  const heads = columns.map((column, index) => {
    const head = el("th", { scope: "col", class: column.num ? "num" : undefined, title: column.title });
    if (!column.key) { head.append(column.label); return head; }
    head.append(el("button", { type: "button", onclick: () => {
      order.down = order.column === index ? !order.down : Boolean(column.num);
      order.column = index;
      paint();
    } }, column.label));
    return head;
  });
  function paint() {
    const column = columns[order.column];
    let list = current;
    if (column) {
      // Array sort is stable: ties keep the order of the published table.
      const way = order.down ? -1 : 1;
      list = current.map((row) => [column.key(row), row])
        .sort((a, b) => (a[0] < b[0] ? -way : a[0] > b[0] ? way : 0)).map((pair) => pair[1]);
    }
    heads.forEach((head, index) => {
      if (index === order.column) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(...list.slice(0, shown).map((row) => el("tr", {}, columns.map((c) => el(
      c.head ? "th" : "td",
      { class: [c.num ? "num" : "", c.class || ""].join(" ").trim() || undefined, scope: c.head ? "row" : undefined, "data-label": c.label },
      c.cell(row),
    )))));
    const rest = list.length - shown;
    note.hidden = rest <= 0;
    if (rest > 0) {
      status.textContent = int(shown) + " of " + plural(list.length, what || "row", (what || "row") + "s") + " shown.";
      button.textContent = "Show " + int(Math.min(rest, step)) + " more";
      all.hidden = rest <= step || list.length > 20000;
    }
  }
  note.append(status, button, all);
  const scroll = el("div", { class: "scroll", role: "region", "aria-label": caption },
    el("table", { class: kind }, el("caption", { class: plain ? "sr" : undefined }, caption), el("thead", {}, el("tr", {}, heads)), body, foot || ""));
  // Only what scrolls is a stop for the keyboard.
  new ResizeObserver(() => {
    if (scroll.scrollWidth > scroll.clientWidth) scroll.tabIndex = 0;
    else scroll.removeAttribute("tabindex");
  }).observe(scroll);
  paint();
  const node = el("div", {}, scroll, note);
  node.show = (list) => { current = list; shown = step || list.length; paint(); };
  return node;
}
