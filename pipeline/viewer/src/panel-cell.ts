// Why a cell has its score, and who earned what there.

import type { Answer, Row } from "./api";
import { el, link } from "./dom";
import type { Ways } from "./panel";
import { dial, facts, meter, number, passItem, section, text, toImage } from "./parts";
import { count, grouped, moment, percent } from "./words";

/** Passes that are shown at once. */
const PASSES = 12;

export function cellBody(answer: Answer, ways: Ways): HTMLElement[] {
  const coverage = answer.json["coverage"]?.[0];
  const standing = answer.json["standing"] ?? [];
  const passes = answer.json["passes"] ?? [];
  const credits = [...(answer.json["credits"] ?? [])].sort((a, b) => Number(b["reward"]) - Number(a["reward"]));
  const parts: HTMLElement[] = [];
  if (!coverage) parts.push(el("p", { class: "note" }, "The cell is not covered: nothing that was driven here counts."));
  else parts.push(score(coverage));
  if (standing.length > 0) parts.push(directions(standing));
  if (credits.length > 0) parts.push(section("Who earned what", earned(credits, ways)));
  if (passes.length > 0) parts.push(order(passes, ways));
  const best = best_image(answer, coverage, ways);
  if (best) parts.push(best);
  return parts;
}

function score(coverage: Row): HTMLElement {
  const newest = text(coverage, "newest_captured_at");
  return el(
    "section",
    { class: "score" },
    el("p", { class: "big" }, percent(number(coverage, "score_ppm")), el("span", {}, "score")),
    meter("Quality", number(coverage, "quality_ppm")),
    meter("Freshness", number(coverage, "freshness_ppm"), newest ? `newest capture ${moment(newest)}` : "nothing here counts yet"),
    meter("Confidence", number(coverage, "confidence_ppm"), count(number(coverage, "contributors"), "independent contributor")),
    el("p", { class: "note" }, "score = quality × freshness × (½ + ½ confidence)"),
  );
}

function directions(standing: readonly Row[]): HTMLElement {
  const dials = standing.map((slot) =>
    dial(slot["heading_deg"] === null ? undefined : number(slot, "heading_deg"), number(slot, "quality_ppm")),
  );
  return section("Directions", el("div", { class: "dials" }, ...dials));
}

function earned(credits: readonly Row[], ways: Ways): HTMLElement {
  const rows = credits.map((credit) => {
    const id = text(credit, "contributor");
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, link(id, () => ways.open("contributor", id))),
      el("td", {}, grouped(credit["reward"] as number)),
      el("td", {}, grouped(credit["credit"] as number)),
    );
  });
  const head = ["Contributor", "Reward", "Credit"].map((name) => el("th", { scope: "col" }, name));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}

function order(passes: readonly Row[], ways: Ways): HTMLElement {
  const items = (rows: readonly Row[]) => rows.map((pass) => passItem(pass, ways, false));
  const list = el("ol", { class: "passes" }, ...items(passes.slice(0, PASSES)));
  const about = el("p", { class: "note" }, "In the order in which they count: a pass gains what it adds to what stood there.");
  const rest = passes.length - PASSES;
  if (rest <= 0) return section(count(passes.length, "pass", "passes"), about, list);
  const more = el("button", { type: "button", class: "act" }, `Show ${count(rest, "more pass", "more passes")}`);
  more.addEventListener("click", () => {
    list.append(...items(passes.slice(PASSES)));
    more.remove();
  });
  return section(count(passes.length, "pass", "passes"), about, list, more);
}

function best_image(answer: Answer, coverage: Row | undefined, ways: Ways): HTMLElement | undefined {
  const id = text(coverage, "best_image");
  const image = answer.json["images"]?.find((row) => row["image_id"] === id);
  if (!id || !image) return undefined;
  const path = text(image, "path");
  return section(
    "Best image",
    meter("Quality", number(image, "quality_ppm")),
    facts([
      ["path", link(path, () => ways.open("object", path))],
      ["image", toImage(id, ways)],
      ["by", link(text(image, "contributor"), () => ways.open("contributor", text(image, "contributor")))],
      ["captured", moment(text(image, "captured_at"))],
      ["size", `${number(image, "width")} × ${number(image, "height")}`],
      ["camera", `${text(image, "make")} ${text(image, "model")}`.trim()],
      ["sharpness", `${grouped(number(image, "sharpness"))} ppm`],
      ["brightness", (number(image, "mean_milli") / 1e3).toFixed(1)],
      ["contrast", (number(image, "std_milli") / 1e3).toFixed(1)],
      ["dark", percent(number(image, "dark_ppm"))],
      ["burnt out", percent(number(image, "burnt_ppm"))],
    ]),
  );
}
