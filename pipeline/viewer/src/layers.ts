// The layers of the map, by theme.

import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Summary } from "./api";
import { EMPTY, GROUND_SOURCES } from "./ground";
import { expression, type Measure, type Theme } from "./ramps";

interface Ink {
  readonly sea: string;
  readonly paper: string;
  readonly grid: string;
  readonly coast: string;
  readonly edge: string;
  readonly road: string;
  readonly mark: string;
  readonly halo: string;
  readonly image: string;
}

export const INK: Readonly<Record<Theme, Ink>> = {
  light: {
    sea: "#e3e9eb",
    paper: "#f4f2ec",
    grid: "#1d2430",
    coast: "#c9cfcf",
    edge: "#f4f2ec",
    road: "#6b7280",
    mark: "#0b0f14",
    halo: "#ffffff",
    image: "#1d2430",
  },
  dark: {
    sea: "#0c1116",
    paper: "#141a21",
    grid: "#c7d3de",
    coast: "#2a343e",
    edge: "#141a21",
    road: "#8b97a3",
    mark: "#ffffff",
    halo: "#05080b",
    image: "#f2f5f7",
  },
};

export interface Coloured {
  readonly summary: Summary;
  readonly measure: Measure;
  readonly theme: Theme;
}

/** Above this zoom the coarse land says nothing true any more, and all is paper. */
const LAND_ENDS = 8;

/** The whole style: ground, cells, images, roads, outlines. */
export function style(shown: Coloured, tiles: string | undefined, roads: boolean): StyleSpecification {
  return {
    version: 8,
    sources: {
      ...GROUND_SOURCES,
      ...(tiles ? { run: { type: "vector" as const, url: `pmtiles://${tiles}` } } : {}),
      ...(roads ? { roads: { type: "geojson" as const, data: "/roads.geojson" } } : {}),
      theirs: { type: "geojson", data: EMPTY },
      "their-points": { type: "geojson", data: EMPTY },
      chosen: { type: "geojson", data: EMPTY },
    },
    layers: layers(shown, Boolean(tiles), roads),
  };
}

function layers({ summary, measure, theme }: Coloured, tiles: boolean, roads: boolean): LayerSpecification[] {
  const ink = INK[theme];
  const list: LayerSpecification[] = [
    {
      id: "sea",
      type: "background",
      paint: { "background-color": ["interpolate", ["linear"], ["zoom"], 5, ink.sea, LAND_ENDS, ink.paper] },
    },
    {
      id: "land",
      type: "fill",
      source: "land",
      maxzoom: LAND_ENDS,
      paint: { "fill-color": ink.paper, "fill-outline-color": ink.coast },
    },
    {
      id: "grid",
      type: "line",
      source: "grid",
      paint: { "line-color": ink.grid, "line-opacity": theme === "light" ? 0.07 : 0.06, "line-width": 1 },
    },
  ];
  if (tiles) {
    list.push(
      {
        id: "cells",
        type: "fill",
        source: "run",
        "source-layer": "coverage",
        paint: { "fill-color": expression(measure, summary, theme), "fill-antialias": false },
      },
      {
        id: "cell-edges",
        type: "line",
        source: "run",
        "source-layer": "coverage",
        minzoom: 9,
        paint: {
          "line-color": ink.edge,
          "line-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0, 13, 0.7],
          "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.4, 14, 1, 18, 2],
        },
      },
    );
  }
  if (roads) {
    list.push({
      id: "roads",
      type: "line",
      source: "roads",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": ink.road,
        "line-opacity": 0.55,
        "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 9, 0.4, 14, 1.2, 18, 5],
      },
    });
  }
  if (tiles) {
    list.push({
      id: "images",
      type: "circle",
      source: "run",
      "source-layer": "images",
      minzoom: 16,
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 16, 2, 19, 5],
        "circle-color": ink.image,
        "circle-stroke-color": ink.halo,
        "circle-stroke-width": 1.2,
        "circle-opacity": 0.85,
      },
    });
  }
  const far = ["interpolate", ["linear"], ["zoom"], 10, 1, 12, 0] as const;
  list.push(
    {
      id: "their-points",
      type: "circle",
      source: "their-points",
      maxzoom: 12,
      paint: {
        "circle-radius": 5,
        "circle-color": ink.mark,
        "circle-opacity": [...far] as never,
        "circle-stroke-color": ink.halo,
        "circle-stroke-width": 1.5,
        "circle-stroke-opacity": [...far] as never,
      },
    },
    outline("theirs-halo", "theirs", ink.halo, 4),
    outline("theirs", "theirs", ink.mark, 1.8),
    outline("chosen-halo", "chosen", ink.halo, 7),
    outline("chosen", "chosen", ink.mark, 3.2),
  );
  return list;
}

function outline(id: string, source: string, colour: string, width: number): LayerSpecification {
  return {
    id,
    type: "line",
    source,
    layout: { "line-join": "round" },
    paint: {
      "line-color": colour,
      "line-width": ["interpolate", ["linear"], ["zoom"], 10, width * 0.5, 15, width],
    },
  };
}
