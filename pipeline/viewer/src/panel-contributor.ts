// What became of all that a contributor sent, and what it earned.

import type { Answer, Row, Summary } from "./api";
import { el, link } from "./dom";
import type { Ways } from "./panel";
import { chip, facts, number, section, text } from "./parts";
import { count, grouped, percent } from "./words";

/** Cells and objects that are named. */
const TOP = 8;

export function contributorBody(id: string, answer: Answer, summary: Summary, ways: Ways): HTMLElement[] {
  const reward = answer.json["rewards"]?.[0];
  const objects = answer.json["objects"] ?? [];
  const passes = answer.json["passes"] ?? [];
  const credits = [...(answer.json["credits"] ?? [])].sort((a, b) => Number(b["reward"]) - Number(a["reward"]));
  const earning = credits.filter((credit) => Number(credit["credit"]) > 0);
  const claim = Number(reward?.["claim"] ?? 0);
  const head = el(
    "section",
    { class: "score" },
    el("p", { class: "big" }, grouped((reward?.["reward"] as number) ?? 0), el("span", {}, `of ${grouped(summary.pool)} units`)),
    facts([
      ["share of all credit", percent(number(reward, "weight_ppm"))],
      ["credit", `${grouped((reward?.["credit"] as number) ?? 0)} micro-credits`],
      ["claim", claim === Number(reward?.["reward"] ?? 0) ? undefined : grouped(claim)],
      ["cells that earn", `${grouped(earning.length)} of ${grouped(credits.length)}`],
      ["on the map", el("span", {}, `outlined: the cells of ${id}`)],
    ]),
  );
  const parts = [head, section("Objects", tally(objects, "objects", summary)), section("Passes", tally(passes, "passes", summary))];
  const unkept = objects.filter((row) => row["verdict"] !== "kept");
  if (unkept.length > 0) parts.push(section("Not kept", notKept(unkept, ways)));
  if (earning.length > 0) parts.push(section("Best cells", bestCells(earning, ways)));
  return parts;
}

/** How many rows ended how, with what the clauses mean. */
function tally(rows: readonly Row[], table: string, summary: Summary): HTMLElement {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const reason = text(row, "reason") || "kept";
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const meanings = new Map(summary.verdicts.filter((one) => one.table === table).map((one) => [one.reason, one]));
  const most = [...counts].sort((a, b) => b[1] - a[1]);
  const lines = most.map(([reason, number]) => {
    const known = meanings.get(reason);
    return el(
      "div",
      { class: "verdict" },
      el("span", { class: "value" }, grouped(number)),
      el("span", {}, el("b", { class: known?.verdict ?? "kept" }, reason), reason === "kept" ? "" : ` ${known?.meaning ?? ""}`),
    );
  });
  return el("div", { class: "verdicts" }, ...(lines.length > 0 ? lines : [el("p", { class: "note" }, "None.")]));
}

function notKept(objects: readonly Row[], ways: Ways): HTMLElement {
  const items = objects.slice(0, TOP).map((row) => {
    const path = text(row, "path");
    return el("li", { class: "pass" }, el("div", { class: "line" }, link(path, () => ways.open("object", path)), chip(row)));
  });
  const rest = objects.length - TOP;
  return el("div", {}, el("ol", { class: "passes" }, ...items), rest > 0 ? el("p", { class: "note" }, `and ${count(rest, "more object")}`) : null);
}

function bestCells(credits: readonly Row[], ways: Ways): HTMLElement {
  const rows = credits.slice(0, TOP).map((credit) => {
    const cell = text(credit, "cell");
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, link(cell, () => ways.open("cell", cell))),
      el("td", {}, grouped(credit["reward"] as number)),
      el("td", {}, percent(number(credit, "weight_ppm"))),
    );
  });
  const head = ["Cell", "Reward", "Share"].map((name) => el("th", { scope: "col" }, name));
  return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}
