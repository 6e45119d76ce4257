// Pieces that several explanations share.

import type { Row } from "./api";
import { el, link, svg } from "./dom";
import type { Ways } from "./panel";
import { compass, moment, percent, shortId } from "./words";

export const number = (row: Row | undefined, name: string): number => Number(row?.[name] ?? 0);
export const text = (row: Row | undefined, name: string): string => String(row?.[name] ?? "");

/** A heading with what belongs to it. */
export function section(title: string, ...children: (Node | string | undefined)[]): HTMLElement {
  return el("section", {}, el("h3", {}, title), ...children);
}

/** A share of 1 as a bar with its number. */
export function meter(name: string, ppm: number, about = ""): HTMLElement {
  const bar = el("span", { class: "fill" });
  bar.style.width = `${ppm / 1e4}%`;
  return el(
    "div",
    { class: "meter" },
    el("span", { class: "name" }, name),
    el("span", { class: "track", "aria-hidden": "true" }, bar),
    el("span", { class: "value" }, percent(ppm)),
    about ? el("span", { class: "about" }, about) : null,
  );
}

/** A verdict with its clause. */
export function chip(row: Row): HTMLElement {
  const verdict = text(row, "verdict");
  return el("span", { class: `chip ${verdict}` }, text(row, "reason") || verdict);
}

/** Facts of a row: name and value, without those that are not known. */
export function facts(pairs: readonly (readonly [string, string | Node | undefined])[]): HTMLElement {
  const known = pairs.filter(([, value]) => value !== undefined && value !== "");
  return el("dl", { class: "facts" }, ...known.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value ?? "")]));
}

/** A direction of travel as a needle on a dial. */
export function dial(heading: number | undefined, ppm: number): HTMLElement {
  const named = heading === undefined ? "no heading" : `${compass(heading)}, ${heading}°`;
  const face = svg("svg", { viewBox: "-36 -36 72 72", class: "dial", "aria-hidden": "true" });
  face.append(svg("circle", { r: 33, class: "ring" }));
  for (let tick = 0; tick < 8; tick += 1) face.append(svg("line", { y1: -33, y2: tick % 2 ? -30 : -27, transform: `rotate(${tick * 45})` }));
  if (heading === undefined) face.append(svg("circle", { r: 6, class: "needle" }));
  else face.append(svg("path", { d: "M0 -25 L8 14 L0 8 L-8 14 Z", class: "needle", transform: `rotate(${heading})` }));
  return el("figure", { class: "direction" }, face, el("figcaption", {}, el("b", {}, percent(ppm)), named));
}

/** A pass in a line or two, with ways to more about it. */
export function passItem(pass: Row, ways: Ways, own: boolean): HTMLElement {
  const whose = text(pass, "contributor");
  const id = text(pass, "pass_id");
  const gained = number(pass, "gain_ppm");
  const credit = Number(pass["credit"] ?? 0);
  const seen = [
    `${number(pass, "images")} images, ${number(pass, "fixes")} fixes`,
    pass["heading_deg"] === null ? "" : `heading ${compass(number(pass, "heading_deg"))}`,
    `quality ${percent(number(pass, "quality_ppm"))}`,
  ].filter(Boolean);
  return el(
    "li",
    { class: "pass" },
    el(
      "div",
      { class: "line" },
      own ? el("span", {}, moment(text(pass, "start_at"))) : link(whose, () => ways.open("contributor", whose)),
      chip(pass),
      el("span", { class: "value" }, credit > 0 ? `gained ${percent(gained)}` : "no gain"),
    ),
    el("div", { class: "line dim" }, own ? seen.join(" · ") : `${moment(text(pass, "start_at"))} · ${seen.join(" · ")}`),
    el("div", { class: "line" }, link("why", () => ways.open("pass", id), `Explain the pass of ${whose} at ${moment(text(pass, "start_at"))}`),
      own ? link(text(pass, "cell"), () => ways.open("cell", text(pass, "cell"))) : null),
  );
}

/** A way to an image or a path. */
export function toImage(id: string, ways: Ways): HTMLElement {
  return link(shortId(id), () => ways.open("image", id), `Explain image ${id}`);
}
