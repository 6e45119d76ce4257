// `cairn view`: one page on a run's epochs.

import "maplibre-gl/dist/maplibre-gl.css";
import "./page.css";
import { type Answer, cellsOf, type Epochs, epochs, explain, Refused, type Summary, summary, tilesOf } from "./api";
import { announce, byId, el } from "./dom";
import { boundsOf, CellMap, type DrawnCell, type Room } from "./map";
import { Panel, type Subject } from "./panel";
import type { Measure, Theme } from "./ramps";
import { Side, timeline } from "./side";
import { parse, Shown, type View } from "./state";
import { epochName } from "./words";

const DARK = matchMedia("(prefers-color-scheme: dark)");
const NARROW = matchMedia("(max-width: 820px)");
/** The zoom at which cells of the reward resolution are drawn, by default policy. */
const EACH_CELL = 13.2;

const theme = (): Theme => (DARK.matches ? "dark" : "light");

class Page {
  private readonly shown = new Shown();
  private readonly side = new Side(byId("side"), {
    colour: (by) => this.shown.go({ by }),
    contributor: (id) => this.shown.go({ contributor: id, open: undefined }),
    cell: (cell) => this.openCell(cell),
    fly: (bounds) => this.map.fit(bounds, this.room(), 15),
  });
  private readonly panel = new Panel(byId("panel"), {
    open: (kind, key) => this.open(kind, key),
    close: () => {
      this.panel.close();
      this.shown.go({ open: undefined, contributor: undefined });
    },
    closer: (cell) => this.closer(cell),
  });
  private readonly map: CellMap;
  private cells: readonly DrawnCell[] = [];
  private asked = 0;

  constructor(
    private readonly all: Epochs,
    private epoch: Summary,
  ) {
    this.map = new CellMap(byId("map"), this.coloured(), this.tiles(), all.roads, {
      onCell: (cell) => this.openCell(cell),
      onImage: (key) => this.shown.go({ open: { kind: "image", key } }),
      onMoved: (lat, lon, zoom) => this.shown.note([lat, lon, zoom]),
      onCells: (cells) => this.saw(cells),
    });
    this.start();
  }

  private start(): void {
    const { at } = this.shown.now;
    const home = this.epoch.places[0];
    if (at) this.map.jump(at);
    else if (home) this.map.fit(home.bounds, this.room(), 17, true);
    this.showEpoch();
    void this.explain(this.shown.now, !at);
    this.shown.onChange((now, before, restored) => void this.changed(now, before, restored));
    DARK.addEventListener("change", () => this.recolour());
    NARROW.addEventListener("change", () => this.map.resize());
    // Tests look at what is drawn through this.
    Object.assign(window, { cairn: { map: this.map, cells: () => this.cells } });
  }

  private async changed(now: View, before: View, restored: boolean): Promise<void> {
    const key = now.epoch ?? this.all.epochs[0]?.key ?? "";
    if (key !== this.epoch.key) {
      try {
        this.epoch = await summary(key);
      } catch (error) {
        return this.panel.refused(error instanceof Error ? error.message : String(error));
      }
      this.showEpoch();
      this.recolour();
      announce(`Epoch ${key}`);
    } else if (now.by !== before.by) this.recolour();
    if (restored && now.at) this.map.jump(now.at);
    const same = now.contributor === before.contributor && now.open?.key === before.open?.key && now.open?.kind === before.open?.kind;
    if (!same || now.epoch !== before.epoch) await this.explain(now, !(restored && now.at));
  }

  private showEpoch(): void {
    this.side.show(this.epoch, this.all);
    this.side.showColours(this.measure(), theme(), this.resolution());
    timeline(byId("time"), this.all, this.epoch.key, (epoch) => this.shown.go({ epoch }));
    document.title = `${epochName(this.epoch.key)} · Cairn`;
    document.body.classList.toggle("no-map", !this.epoch.has_map);
    if (!this.epoch.has_map) announce("This epoch has no coverage.pmtiles, so there is no map; everything else is here.");
  }

  /** What colours the cells: what is asked for, else the score, else what there is. */
  private measure(): Measure {
    return this.shown.now.by ?? (this.epoch.most_score_ppm > 0 ? "score" : "reward");
  }

  private resolution(): number {
    return this.cells[0]?.resolution ?? this.epoch.resolution;
  }

  private coloured() {
    return { summary: this.epoch, measure: this.measure(), theme: theme() };
  }

  private tiles(): string | undefined {
    return this.epoch.has_map ? tilesOf(this.epoch.key, this.all.map) : undefined;
  }

  private recolour(): void {
    this.map.show(this.coloured(), this.tiles());
    this.side.showColours(this.measure(), theme(), this.resolution());
    this.listCells();
  }

  private saw(cells: readonly DrawnCell[]): void {
    const before = this.resolution();
    this.cells = cells;
    if (this.resolution() !== before) this.side.showColours(this.measure(), theme(), this.resolution());
    this.listCells();
  }

  private listCells(): void {
    const { open } = this.shown.now;
    this.side.showCells(this.cells, this.measure(), theme(), open?.kind === "cell" ? open.key : undefined);
  }

  private open(kind: Subject, key: string): void {
    if (kind === "contributor") this.shown.go({ contributor: key, open: undefined });
    else this.shown.go({ open: { kind, key } });
  }

  private openCell(cell: DrawnCell): void {
    if (cell.resolution < this.epoch.resolution) this.panel.coarse(cell);
    else this.shown.go({ open: { kind: "cell", key: cell.cell } });
  }

  private closer(cell: DrawnCell): void {
    const [lon, lat] = cell.centre;
    const most = Math.max(EACH_CELL, 0);
    this.map.fit([lon - 0.01, lat - 0.006, lon + 0.01, lat + 0.006], this.room(), most);
    this.panel.close();
  }

  /** Explains what is open, and outlines whose cells are asked for; goes to where they are if it may. */
  private async explain(view: View, mayMove: boolean): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const current = () => mine === this.asked;
    const subject: Subject | undefined = view.open?.kind ?? (view.contributor ? "contributor" : undefined);
    const key = view.open?.key ?? view.contributor ?? "";
    this.listCells();
    void this.outline(view, current, mayMove && subject === "contributor");
    if (!subject) {
      this.map.choose(undefined);
      return this.panel.close();
    }
    this.panel.wait(subject, key);
    try {
      const answer = await explain(this.epoch.key, subject, key);
      if (!current()) return;
      this.panel.answer(subject, key, answer, this.epoch);
      await this.mark(subject, key, answer, mayMove);
      announce(answer.text.split("\n")[0] ?? "");
    } catch (error) {
      if (!current()) return;
      this.map.choose(undefined);
      if (!(error instanceof Refused)) console.error(error);
      this.panel.refused(error instanceof Error ? error.message : String(error));
    }
  }

  /** Marks the cell that the explained thing is in, and brings it into view. */
  private async mark(subject: Subject, key: string, answer: Answer, mayMove: boolean): Promise<void> {
    let shape = answer.outline;
    if (!shape && subject !== "contributor") {
      const rows = Object.values(answer.json).filter(Array.isArray).flat() as { cell?: unknown }[];
      const cell = rows.map((row) => row.cell).find((cell): cell is string => typeof cell === "string");
      if (cell) shape = (await explain(this.epoch.key, "cell", cell).catch(() => undefined))?.outline;
    }
    if (this.shown.now.open?.key !== key && subject !== "contributor") return;
    this.map.choose(shape);
    const box = shape && boundsOf([shape]);
    if (mayMove && box && !this.map.sees(box, this.room())) this.map.fit(box, this.room(), 15);
  }

  private async outline(view: View, current: () => boolean, fit: boolean): Promise<void> {
    if (!view.contributor) return this.map.outline(undefined);
    const cells = await cellsOf(this.epoch.key, view.contributor).catch(() => undefined);
    if (!current()) return;
    this.map.outline(cells);
    const box = boundsOf((cells?.features ?? []).map((cell) => cell.geometry));
    if (fit && box && !this.map.sees(box, this.room())) this.map.fit(box, this.room(), 15);
  }

  /** What the cards cover of the map. */
  private room(): Room {
    if (NARROW.matches) return { left: 24, right: 24, top: 24, bottom: 24 };
    const left = byId("side").getBoundingClientRect().right + 32;
    const panel = byId("panel");
    const right = panel.hidden ? 48 : panel.getBoundingClientRect().width + 48;
    return { left, right, top: 48, bottom: 90 };
  }
}

async function begin(): Promise<void> {
  const all = await epochs();
  const asked = parse(location.hash).epoch;
  const key = all.epochs.find((epoch) => epoch.key === asked)?.key ?? all.epochs[0]?.key;
  if (!key) throw new Refused("There is no epoch here.");
  new Page(all, await summary(key));
}

begin().catch((error: unknown) => {
  console.error(error);
  byId("side").replaceChildren(el("p", { class: "refused" }, error instanceof Error ? error.message : String(error)));
});
