// What lies under the cells: land, and a quiet grid. Nothing is fetched from anywhere else.

import type { GeoJSONSource, GeoJSONSourceSpecification, Map as MapLibre } from "maplibre-gl";
import { feature } from "topojson-client";
import type { Topology } from "topojson-specification";
import landUrl from "world-atlas/land-50m.json?url";

/** No shapes yet. */
export const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
/** Lines of the grid across the map, at least. */
const LINES = 6;

export const GROUND_SOURCES: Record<string, GeoJSONSourceSpecification> = {
  land: { type: "geojson", data: EMPTY },
  grid: { type: "geojson", data: EMPTY },
};

/** Fetches the land once. */
export async function showLand(map: MapLibre): Promise<void> {
  const topology = (await (await fetch(landUrl)).json()) as Topology;
  const land = topology.objects["land"];
  if (!land) return;
  const found = feature(topology, land);
  const parts = "features" in found ? found.features : [found];
  const polygons = parts.flatMap(({ geometry }) =>
    geometry.type === "MultiPolygon" ? geometry.coordinates : geometry.type === "Polygon" ? [geometry.coordinates] : [],
  );
  const coordinates = polygons.map((polygon) => polygon.map(unrolled));
  map.getSource<GeoJSONSource>("land")?.setData({ type: "MultiPolygon", coordinates });
}

/** A ring that crosses the antimeridian goes on beyond it; one around the south pole is closed along it. */
function unrolled(ring: GeoJSON.Position[]): GeoJSON.Position[] {
  let turn = 0;
  const out = ring.map(([x = 0, y = 0], index): GeoJSON.Position => {
    const before = ring[index - 1]?.[0] ?? x;
    if (Math.abs(x - before) > 180) turn += x < before ? 360 : -360;
    return [x + turn, y];
  });
  const [first, last] = [out[0], out.at(-1)];
  if (first && last && Math.abs((first[0] ?? 0) - (last[0] ?? 0)) > 180) out.push([last[0] ?? 0, -89], [first[0] ?? 0, -89], first);
  return out;
}

/** Draws the grid for what is in view. */
export function showGrid(map: MapLibre): void {
  const seen = map.getBounds();
  const [west, east] = [Math.max(-540, seen.getWest()), Math.min(540, seen.getEast())];
  const [south, north] = [Math.max(-85, seen.getSouth()), Math.min(85, seen.getNorth())];
  const step = STEPS.find((step) => (east - west) / step >= LINES) ?? 0.001;
  const lines: GeoJSON.Position[][] = [];
  for (let x = Math.floor(west / step); x <= Math.ceil(east / step); x += 1) {
    lines.push([[x * step, Math.max(-85, south - step)], [x * step, Math.min(85, north + step)]]);
  }
  for (let y = Math.floor(south / step); y <= Math.ceil(north / step); y += 1) {
    if (Math.abs(y * step) <= 85) lines.push([[west - step, y * step], [east + step, y * step]]);
  }
  map.getSource<GeoJSONSource>("grid")?.setData({ type: "MultiLineString", coordinates: lines });
}
