// The map: cells drawn from the run's own tiles, and what is outlined on them.

import {
  type GeoJSONSource,
  LngLatBounds,
  Map as MapLibre,
  type MapGeoJSONFeature,
  NavigationControl,
  ScaleControl,
  addProtocol,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { Protocol } from "pmtiles";
import { showGrid, showLand } from "./ground";
import { type Coloured, style } from "./layers";
import { bounds, classOf, expression, MEANINGS, type Measure } from "./ramps";

/** A cell as a tile holds it. */
export interface DrawnCell {
  readonly cell: string;
  readonly resolution: number;
  readonly cells: number;
  readonly values: Readonly<Record<string, number | string | boolean>>;
  readonly centre: readonly [number, number];
}

export interface Handlers {
  onCell(cell: DrawnCell): void;
  onImage(id: string): void;
  onMoved(lat: number, lon: number, zoom: number): void;
  onCells(cells: readonly DrawnCell[]): void;
}

const NONE: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

setWorkerUrl(workerUrl);
addProtocol("pmtiles", new Protocol().tile);

export class CellMap {
  private readonly map: MapLibre;
  private theirs: GeoJSON.FeatureCollection = NONE;
  private chosen: GeoJSON.Geometry | undefined;
  private restyling = true;

  constructor(
    container: HTMLElement,
    private shown: Coloured,
    private tiles: string | undefined,
    private readonly roads: boolean,
    private readonly handlers: Handlers,
  ) {
    this.map = new MapLibre({
      container,
      style: style(shown, tiles, roads),
      attributionControl: false,
      center: [0, 20],
      zoom: 1.4,
      maxZoom: 20,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: CALM.matches ? 0 : 200,
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-right");
    this.map.getCanvas().setAttribute("aria-label", "Map; the cells in view are listed beside it");
    this.map.on("style.load", () => this.restored());
    this.map.on("moveend", () => {
      showGrid(this.map);
      const { lat, lng } = this.map.getCenter();
      handlers.onMoved(lat, lng, this.map.getZoom());
    });
    this.map.on("idle", () => handlers.onCells(this.inView()));
    this.map.on("click", (event) => this.clicked(event.point.x, event.point.y));
    this.map.on("mousemove", (event) => {
      const over = this.at(event.point.x, event.point.y).length > 0;
      this.map.getCanvas().style.cursor = over ? "pointer" : "";
    });
  }

  /** Other colours, another epoch or the other theme. */
  show(shown: Coloured, tiles: string | undefined): void {
    const same = shown.theme === this.shown.theme && tiles === this.tiles;
    this.shown = shown;
    this.tiles = tiles;
    if (same && !this.restyling) {
      const colours = expression(shown.measure, shown.summary, shown.theme);
      if (this.map.getLayer("cells")) this.map.setPaintProperty("cells", "fill-color", colours);
      return;
    }
    this.restyling = true;
    this.map.setStyle(style(shown, tiles, this.roads), { diff: false });
  }

  /** Outlines cells, of a contributor. */
  outline(cells: GeoJSON.FeatureCollection | undefined): void {
    this.theirs = cells ?? NONE;
    this.drawMarks();
  }

  /** Marks the one cell that is explained. */
  choose(outline: GeoJSON.Geometry | undefined): void {
    this.chosen = outline;
    this.drawMarks();
  }

  jump(at: readonly [number, number, number]): void {
    const centre = this.map.getCenter();
    const near = Math.abs(centre.lat - at[0]) < 1e-5 && Math.abs(centre.lng - at[1]) < 1e-5;
    if (near && Math.abs(this.map.getZoom() - at[2]) < 0.01) return;
    this.map.jumpTo({ center: [at[1], at[0]], zoom: at[2] });
  }

  /** Moves to where all of a box is seen; at once where motion is not wanted. */
  fit(bounds: readonly [number, number, number, number], room: Room, most = 16, at_once = false): void {
    const box = new LngLatBounds([bounds[0], bounds[1]], [bounds[2], bounds[3]]);
    const far = !this.map.getBounds().contains(box.getCenter());
    this.map.fitBounds(box, {
      padding: room,
      maxZoom: most,
      animate: !(at_once || CALM.matches),
      duration: far ? 1800 : 700,
    });
  }

  /** Whether all of a box is in the open part of the map, and large enough to tell. */
  sees(bounds: readonly [number, number, number, number], room: Room): boolean {
    const canvas = this.map.getCanvas();
    const low = this.map.project([bounds[0], bounds[1]]);
    const high = this.map.project([bounds[2], bounds[3]]);
    const inside = low.x >= room.left && high.x <= canvas.clientWidth - room.right;
    return inside && high.y >= room.top && low.y <= canvas.clientHeight - room.bottom && high.x - low.x > 12;
  }

  resize(): void {
    this.map.resize();
  }

  // What follows is for tests, which see a canvas only.

  /** Whether all that is to be drawn is drawn. */
  isStill(): boolean {
    return !this.restyling && this.map.loaded() && this.map.areTilesLoaded() && !this.map.isMoving();
  }

  /** What a click there would hit: a layer. */
  hit(x: number, y: number): string | undefined {
    return this.at(x, y)[0]?.layer.id;
  }

  /** The colour of a pixel of the map: red, green, blue. */
  pixel(x: number, y: number): readonly number[] {
    const canvas = this.map.getCanvas();
    const gl = canvas.getContext("webgl2");
    const ratio = canvas.width / canvas.clientWidth;
    const out = new Uint8Array(4);
    const at: [number, number] = [Math.round(x * ratio), canvas.height - 1 - Math.round(y * ratio)];
    gl?.readPixels(...at, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, out);
    return [...out.slice(0, 3)];
  }

  /** The class of a cell's value in the legend; -1 for nothing. */
  classOf(cell: DrawnCell): number {
    const { measure, summary } = this.shown;
    return classOf(valueOf(cell, measure), bounds(measure, summary, cell.resolution));
  }

  /** How many cells are outlined. */
  outlined(): number {
    return this.theirs.features.length;
  }

  /** Where a place is on the page's map, in pixels. */
  pointOf(lon: number, lat: number): readonly [number, number] {
    const { x, y } = this.map.project([lon, lat]);
    return [x, y];
  }

  private restored(): void {
    this.restyling = false;
    void showLand(this.map);
    showGrid(this.map);
    this.drawMarks();
  }

  private drawMarks(): void {
    if (this.restyling) return;
    const points = this.theirs.features.map((cell) => ({ ...cell, geometry: point(middle(cell.geometry)) }));
    this.map.getSource<GeoJSONSource>("theirs")?.setData(this.theirs);
    this.map.getSource<GeoJSONSource>("their-points")?.setData({ type: "FeatureCollection", features: points });
    this.map.getSource<GeoJSONSource>("chosen")?.setData(this.chosen ?? NONE);
  }

  private at(x: number, y: number): MapGeoJSONFeature[] {
    const layers = ["images", "cells"].filter((layer) => this.map.getLayer(layer));
    return layers.length > 0 ? this.map.queryRenderedFeatures([x, y], { layers }) : [];
  }

  private clicked(x: number, y: number): void {
    const [found] = this.at(x, y);
    if (!found) return;
    const image = found.properties["image_id"];
    if (found.layer.id === "images" && image) this.handlers.onImage(String(image));
    else this.handlers.onCell(drawn(found));
  }

  /** The cells in view, those with the most of what colours them first. */
  private inView(): DrawnCell[] {
    if (!this.map.getLayer("cells")) return [];
    const cells = new Map<string, DrawnCell>();
    for (const found of this.map.queryRenderedFeatures({ layers: ["cells"] })) {
      const cell = drawn(found);
      if (!cells.has(cell.cell)) cells.set(cell.cell, cell);
    }
    const value = (cell: DrawnCell) => valueOf(cell, this.shown.measure);
    return [...cells.values()].sort((a, b) => value(b) - value(a) || (a.cell < b.cell ? -1 : 1));
  }
}

/** Pixels at the sides that something else covers. */
export interface Room {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A measure of a cell. */
export function valueOf(cell: DrawnCell, measure: Measure): number {
  return Number(cell.values[MEANINGS[measure].attribute] ?? 0);
}

function drawn(found: MapGeoJSONFeature): DrawnCell {
  const values = found.properties as DrawnCell["values"];
  return {
    cell: String(values["cell"]),
    resolution: Number(values["resolution"]),
    cells: Number(values["cells"] ?? 1),
    values,
    centre: middle(found.geometry),
  };
}

function point(coordinates: readonly [number, number]): GeoJSON.Point {
  return { type: "Point", coordinates: [...coordinates] };
}

/** The middle of the box around a shape. */
export function middle(geometry: GeoJSON.Geometry): readonly [number, number] {
  const [west, south, east, north] = boundsOf([geometry]) ?? [0, 0, 0, 0];
  return [(west + east) / 2, (south + north) / 2];
}

/** The box around some shapes. */
export function boundsOf(
  geometries: readonly GeoJSON.Geometry[],
): readonly [number, number, number, number] | undefined {
  let box: [number, number, number, number] | undefined;
  const walk = (coordinates: unknown): void => {
    if (!Array.isArray(coordinates)) return;
    const [x, y] = coordinates as unknown[];
    if (typeof x === "number" && typeof y === "number") {
      box = box
        ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)]
        : [x, y, x, y];
    } else coordinates.forEach(walk);
  };
  for (const geometry of geometries) if ("coordinates" in geometry) walk(geometry.coordinates);
  return box;
}
