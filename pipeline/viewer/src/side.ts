// The card on the left: what the epoch came to, what the colours mean, who took part, which cells are in view.

import { type Contributor, type Epochs, type Found, type Summary, search } from "./api";
import { announce, el, svg } from "./dom";
import { type DrawnCell, valueOf } from "./map";
import { bounds, classOf, colourOf, label, MEANINGS, MEASURES, type Measure, NOTHING, type Theme } from "./ramps";
import { count, epochName, grouped, moment, percent, place, short } from "./words";

export interface Acts {
  colour(measure: Measure): void;
  contributor(id: string): void;
  cell(cell: DrawnCell): void;
  fly(bounds: readonly [number, number, number, number]): void;
}

/** Contributors that are named before anybody asks for more. */
const FIRST = 6;
/** Most cells that are listed. */
const MOST_LISTED = 40;

export class Side {
  private readonly title = el("h1", {});
  private readonly sub = el("p", { class: "sub" });
  private readonly figures = el("dl", { class: "figures" });
  private readonly choices = el("div", { class: "choices", role: "radiogroup", "aria-label": "Colour the cells by" });
  private readonly legend = el("div", { class: "legend" });
  private readonly people = el("div", { class: "people" });
  private readonly box = el("input", {
    type: "search",
    id: "search",
    placeholder: "Find a contributor",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Find a contributor by id",
  });
  private readonly places = el("div", {});
  private readonly cells = el("ol", { class: "cells", id: "cells-list" });
  private readonly cellsTitle = el("span", {}, "Cells in view");
  private readonly verdicts = el("div", {});
  private searches = 0;
  private summary: Summary | undefined;

  constructor(
    root: HTMLElement,
    private readonly acts: Acts,
  ) {
    const mark = svg("svg", { viewBox: "0 0 32 32", class: "mark", "aria-hidden": "true" });
    for (const [cx, cy, rx, ry] of [[16, 25.5, 12, 4.5], [16, 17, 8.5, 4], [16.5, 9.8, 5.5, 3.2], [15.8, 4.4, 2.9, 2.2]]) {
      mark.append(svg("ellipse", { cx, cy, rx, ry }));
    }
    const folded = (title: Node | string, body: Node, id?: string) =>
      el("details", { class: "fold", id }, el("summary", {}, title), body);
    root.replaceChildren(
      el("header", { class: "head" }, mark, el("div", {}, this.title, this.sub)),
      this.figures,
      el("section", { "aria-label": "Colours" }, this.choices, this.legend),
      el("section", { "aria-label": "Contributors" }, el("h2", {}, "Contributors"), this.box, this.people),
      folded(this.cellsTitle, this.cells, "cells"),
      folded("Places", this.places),
      folded("What became of everything", this.verdicts),
    );
    this.box.addEventListener("input", () => void this.find());
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.box.value = "";
      if (event.key === "Enter") this.people.querySelector("button")?.click();
    });
  }

  show(summary: Summary, all: Epochs): void {
    this.summary = summary;
    this.title.textContent = epochName(summary.key);
    const number = all.epochs.length - all.epochs.findIndex((epoch) => epoch.key === summary.key);
    const before = all.epochs.length > 1 ? `Epoch ${number} of ${all.epochs.length}, ` : "Reward epoch, ";
    this.sub.textContent = `${before}to ${moment(summary.as_of)} UTC`;
    const paid = BigInt(summary.pool) - BigInt(summary.unallocated);
    const figure = (value: string, name: string) =>
      el("div", {}, el("dd", {}, value), el("dt", {}, name));
    this.figures.replaceChildren(
      figure(grouped(summary.rows["coverage"] ?? 0), "cells covered"),
      figure(percent(summary.mean_score_ppm), "mean score"),
      figure(grouped(String(paid)), `of ${grouped(summary.pool)} paid`),
      figure(`${grouped(summary.paid)} of ${grouped(summary.contributors)}`, "contributors earn"),
    );
    this.box.value = "";
    this.list(summary.top.slice(0, FIRST), summary.contributors);
    this.showPlaces(summary);
    this.showVerdicts(summary);
  }

  /** The colours: what they are of, and from which value on each is. */
  showColours(measure: Measure, theme: Theme, resolution: number): void {
    const summary = this.summary;
    if (!summary) return;
    this.choices.replaceChildren(
      ...MEASURES.map((one) => {
        const chosen = one === measure;
        const choose = () => this.acts.colour(one);
        const input = el("input", { type: "radio", name: "by", value: one, checked: chosen, onchange: choose });
        return el("label", { class: chosen ? "on" : undefined }, input, el("span", {}, MEANINGS[one].name));
      }),
    );
    const least = bounds(measure, summary, resolution);
    const swatch = (colour: string, text: string, name: string) => {
      const bar = el("span", { class: "swatch", "data-colour": colour, title: name });
      bar.style.backgroundColor = colour;
      return el("li", {}, bar, el("span", { class: "tick" }, text));
    };
    const steps = least.map((_, step) =>
      swatch(colourOf(measure, theme, step), label(measure, least, step), `from ${label(measure, least, step)}`),
    );
    const coarse = resolution < summary.resolution ? " Here each cell stands for the finer ones in it." : "";
    this.legend.replaceChildren(
      el("ol", { class: "ramp" }, swatch(NOTHING[theme], "0", "nothing that counts"), ...steps),
      el("p", { class: "note" }, `${MEANINGS[measure].name}: ${MEANINGS[measure].about}.${coarse}`),
    );
  }

  showCells(cells: readonly DrawnCell[], measure: Measure, theme: Theme, chosen: string | undefined): void {
    const summary = this.summary;
    if (!summary) return;
    this.cellsTitle.textContent = `Cells in view: ${grouped(cells.length)}`;
    const focused = document.activeElement?.getAttribute("data-cell");
    const rows = cells.slice(0, MOST_LISTED).map((cell) => {
      const value = valueOf(cell, measure);
      const said = measure === "contributors" ? count(value, "contributor") : measure === "reward" ? short(value) : percent(value);
      const dot = el("span", { class: "dot" });
      dot.style.backgroundColor = colourOf(measure, theme, classOf(value, bounds(measure, summary, cell.resolution)));
      const name = cell.cells > 1 ? `${cell.cell} (${count(cell.cells, "cell")})` : cell.cell;
      const open = el(
        "button",
        {
          type: "button",
          class: "row",
          "data-cell": cell.cell,
          "aria-current": cell.cell === chosen ? "true" : undefined,
          onclick: () => this.acts.cell(cell),
        },
        dot,
        el("span", { class: "id" }, name),
        el("span", { class: "value" }, said),
      );
      return el("li", {}, open);
    });
    const rest = cells.length - rows.length;
    this.cells.replaceChildren(
      ...rows,
      ...(rest > 0 ? [el("li", { class: "note" }, `and ${grouped(rest)} more; come closer to list them`)] : []),
      ...(cells.length === 0 ? [el("li", { class: "note" }, "No cell is in view.")] : []),
    );
    if (focused) this.cells.querySelector<HTMLElement>(`[data-cell="${CSS.escape(focused)}"]`)?.focus();
  }

  /** Lists the contributors whose ids hold what is asked for. */
  private async find(asked?: string): Promise<void> {
    const summary = this.summary;
    if (!summary) return;
    this.searches += 1;
    const mine = this.searches;
    const text = asked ?? this.box.value.trim();
    if (text === "" && asked === undefined) return this.list(summary.top.slice(0, FIRST), summary.contributors);
    const found = await search(summary.key, text).catch((): Found => ({ total: 0, contributors: [] }));
    // Only the last search counts, whichever answer comes last.
    if (mine !== this.searches) return;
    this.list(found.contributors, found.total);
    announce(`${count(found.total, "contributor")} found`);
  }

  private list(people: readonly Contributor[], total: number): void {
    const most = Math.max(1, ...people.map((one) => one.weight_ppm));
    const rows = people.map((one) => {
      const bar = el("span", { class: "share" });
      bar.style.width = `${(one.weight_ppm / most) * 100}%`;
      bar.hidden = one.weight_ppm === 0;
      return el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "row", onclick: () => this.acts.contributor(one.contributor) },
          el("span", { class: "id" }, one.contributor),
          el("span", { class: "value" }, grouped(one.reward)),
          el("span", { class: "weight" }, percent(one.weight_ppm)),
          el("span", { class: "track", "aria-hidden": "true" }, bar),
        ),
      );
    });
    const rest = total - people.length;
    const more = () => void this.find("");
    const after =
      people.length === 0
        ? el("p", { class: "note" }, "Nobody of that name.")
        : rest <= 0
          ? null
          : people.length <= FIRST
            ? el("button", { type: "button", class: "more", onclick: more }, `Show ${grouped(rest)} more`)
            : el("p", { class: "note" }, `and ${grouped(rest)} more; search for them by id`);
    this.people.replaceChildren(el("ol", {}, ...rows), ...(after ? [after] : []));
  }

  private showPlaces(summary: Summary): void {
    const rows = summary.places.map((one) => {
      const [west, south, east, north] = one.bounds;
      const name = place((south + north) / 2, (west + east) / 2);
      return el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "row", onclick: () => this.acts.fly(one.bounds) },
          el("span", { class: "id plain" }, name),
          el("span", { class: "value" }, count(one.cells, "cell")),
        ),
      );
    });
    const rest = summary.places_total - rows.length;
    this.places.replaceChildren(
      el("ol", {}, ...rows),
      el("p", { class: "note" }, rest > 0 ? `and ${grouped(rest)} more` : ""),
    );
  }

  private showVerdicts(summary: Summary): void {
    const tables = [...new Set(summary.verdicts.map((one) => one.table))];
    const parts = tables.map((table) => {
      const rows = summary.verdicts.filter((one) => one.table === table).sort((a, b) => b.count - a.count);
      return el(
        "div",
        { class: "verdicts" },
        el("h3", {}, table),
        ...rows.map((one) =>
          el(
            "div",
            { class: "verdict" },
            el("span", { class: "value" }, grouped(one.count)),
            el(
              "span",
              {},
              el("b", { class: one.verdict }, one.reason || "kept"),
              one.verdict === "kept" ? "" : ` ${one.meaning}`,
            ),
          ),
        ),
      );
    });
    const report = el("a", { href: `/data/${encodeURIComponent(summary.key)}/report.html`, target: "_blank" }, "The report of this epoch");
    this.verdicts.replaceChildren(...parts, el("p", {}, report));
  }
}

/** The epochs as a slider from the oldest to the newest. */
export function timeline(root: HTMLElement, all: Epochs, now: string, go: (key: string) => void): void {
  const oldestFirst = [...all.epochs].reverse();
  root.hidden = oldestFirst.length < 2;
  if (root.hidden) return;
  const index = Math.max(0, oldestFirst.findIndex((epoch) => epoch.key === now));
  const key = (at: number) => oldestFirst[at]?.key ?? "";
  const said = (at: number) => epochName(key(at));
  const old = root.querySelector<HTMLInputElement>("input");
  if (old) {
    old.value = String(index);
    old.setAttribute("aria-valuetext", said(index));
    const shown = root.querySelector("output");
    if (shown) shown.textContent = said(index);
    return;
  }
  const output = el("output", { for: "epoch" }, said(index));
  const input = el("input", {
    type: "range", id: "epoch", min: 0, max: oldestFirst.length - 1, step: 1, value: index,
    "aria-label": "Epoch", "aria-valuetext": said(index),
  });
  input.addEventListener("input", () => {
    output.textContent = said(input.valueAsNumber);
    input.setAttribute("aria-valuetext", said(input.valueAsNumber));
  });
  input.addEventListener("change", () => go(key(input.valueAsNumber)));
  const step = (by: number, text: string, name: string) =>
    el("button", { type: "button", class: "step", "aria-label": name, onclick: () => {
      const at = Math.min(oldestFirst.length - 1, Math.max(0, input.valueAsNumber + by));
      if (at !== input.valueAsNumber) go(key(at));
    } }, text);
  root.replaceChildren(step(-1, "‹", "The epoch before"), input, step(1, "›", "The next epoch"), output);
}

