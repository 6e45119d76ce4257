// The card on the right: why a cell, a contributor or a record got what it got.

import type { Answer, Row, Summary } from "./api";
import { el, link } from "./dom";
import type { DrawnCell } from "./map";
import { cellBody } from "./panel-cell";
import { contributorBody } from "./panel-contributor";
import { recordBody } from "./panel-record";
import type { Kind } from "./state";
import { count, grouped, moment, percent, shortId } from "./words";

export type Subject = Kind | "contributor";

export interface Ways {
  open(kind: Subject, key: string): void;
  close(): void;
  /** Goes to where a cell's finer cells are seen. */
  closer(cell: DrawnCell): void;
}

const TITLES: Readonly<Record<Subject, string>> = {
  cell: "Cell",
  contributor: "Contributor",
  pass: "Pass",
  image: "Image",
  object: "Object",
};

export class Panel {
  private readonly body = el("div", { class: "body" });
  private readonly kind = el("p", { class: "kind" });
  private readonly heading = el("h2", { tabindex: "-1" });
  private opener: Element | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly ways: Ways,
  ) {
    const close = el("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => ways.close() }, "×");
    root.replaceChildren(el("header", {}, el("div", {}, this.kind, this.heading), close), this.body);
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") ways.close();
    });
  }

  wait(subject: Subject, key: string): void {
    this.begin(TITLES[subject], subject === "cell" || subject === "pass" || subject === "image" ? shortId(key) : key, key);
    this.body.replaceChildren(el("p", { class: "note" }, "Looking it up…"));
    this.body.setAttribute("aria-busy", "true");
  }

  answer(subject: Subject, key: string, answer: Answer, summary: Summary): void {
    this.body.removeAttribute("aria-busy");
    const parts =
      subject === "cell"
        ? cellBody(answer, this.ways)
        : subject === "contributor"
          ? contributorBody(key, answer, summary, this.ways)
          : recordBody(subject, answer, this.ways);
    const words = inWords(answer, this.ways);
    // Of a record the sentences are the explanation; of a cell and a contributor they repeat what is drawn.
    const isRecord = subject !== "cell" && subject !== "contributor";
    this.body.replaceChildren(...(isRecord ? [words, ...parts] : [...parts, words]));
    this.heading.focus({ preventScroll: true });
  }

  refused(why: string): void {
    this.body.removeAttribute("aria-busy");
    this.body.replaceChildren(el("p", { class: "refused" }, why));
    this.heading.focus({ preventScroll: true });
  }

  /** What a coarse cell stands for, as its tile says. */
  coarse(cell: DrawnCell): void {
    this.begin("Area", count(cell.cells, "covered cell"), cell.cell);
    const value = (name: string) => Number(cell.values[name] ?? 0);
    const facts: [string, string][] = [
      ["mean score", percent(value("score_ppm"))],
      ["mean quality", percent(value("quality_ppm"))],
      ["mean freshness", percent(value("freshness_ppm"))],
      ["reward", grouped(value("reward"))],
      ["passes", grouped(value("passes"))],
      ["images", grouped(value("images"))],
      ["newest capture", moment(cell.values["newest"] as string | undefined)],
    ];
    const list = facts.flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]);
    const closer = el("button", { type: "button", class: "act", onclick: () => this.ways.closer(cell) }, "Come closer to see each cell");
    this.body.replaceChildren(el("dl", { class: "facts" }, ...list), closer);
    this.heading.focus({ preventScroll: true });
  }

  close(): void {
    if (this.root.hidden) return;
    this.root.hidden = true;
    document.body.classList.remove("explained");
    if (this.opener instanceof HTMLElement && this.opener.isConnected) this.opener.focus();
    this.opener = null;
  }

  private begin(kind: string, title: string, whole: string): void {
    if (this.root.hidden) this.opener = document.activeElement;
    this.root.hidden = false;
    document.body.classList.add("explained");
    this.kind.textContent = kind;
    this.heading.textContent = title;
    this.heading.title = whole;
    this.root.scrollTop = 0;
    this.body.scrollTop = 0;
  }
}

/** What `cairn explain` says, with links where it names something that can be asked about. */
function inWords(answer: Answer, ways: Ways): HTMLElement {
  const known = names(answer);
  const words = el("div", { class: "words" });
  for (const line of answer.text.trimEnd().split("\n")) {
    const said = el("p", { class: line.startsWith("  ") ? "in" : undefined });
    for (const part of line.trim().split(/([\s,;()]+)/)) {
      const bare = part.replace(/[.:]$/, "");
      const subject = known.get(bare);
      if (!subject) said.append(part);
      else said.append(link(subject === "object" ? bare : shortId(bare), () => ways.open(subject, bare), `${TITLES[subject]} ${bare}`), part.slice(bare.length));
    }
    words.append(said);
  }
  return el("details", { class: "fold", open: true }, el("summary", {}, "In the words of cairn explain"), words);
}

function names(answer: Answer): Map<string, Subject> {
  const columns: readonly [string, Subject][] = [
    ["object", "object"], ["path", "object"], ["duplicate_path", "object"], ["contributor", "contributor"], ["cell", "cell"],
    ["image_id", "image"], ["best_image", "image"], ["duplicate_of", "image"], ["pass_id", "pass"],
  ];
  const known = new Map<string, Subject>();
  const rows = Object.values(answer.json).filter(Array.isArray).flat() as Row[];
  for (const row of rows) {
    for (const [column, subject] of columns) {
      const value = row[column];
      if (typeof value === "string" && value !== "") known.set(value, subject);
    }
  }
  return known;
}
