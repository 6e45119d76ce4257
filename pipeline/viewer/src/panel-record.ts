// Why a pass, an image or an object counts or not: what was measured, and what would be otherwise.

import type { Answer, Row } from "./api";
import { el, link } from "./dom";
import type { Subject, Ways } from "./panel";
import { chip, facts, meter } from "./parts";
import { grouped, moment, percent } from "./words";

/** Columns that lead to something else, and what it is. */
const WAYS: Readonly<Record<string, Subject>> = {
  contributor: "contributor", cell: "cell", path: "object", duplicate_path: "object", image_id: "image", best_image: "image", pass_id: "pass",
};
/** Columns that say little to people, or are said elsewhere. */
const UNSAID = /(^lat_e7|^lon_e7|^ordinal|^pdq$|^texture|^verdict|^reason|_ppm$|^private_)/;

export function recordBody(subject: Subject, answer: Answer, ways: Ways): HTMLElement[] {
  // What was asked about comes first.
  const isAsked = (name: string) => Number(name.startsWith(subject));
  const lists = Object.entries(answer.json).sort(([a], [b]) => isAsked(b) - isAsked(a));
  const parts: HTMLElement[] = [];
  for (const [name, rows] of lists) {
    if (!Array.isArray(rows) || name === "otherwise") continue;
    for (const row of (rows as Row[]).slice(0, 3)) parts.push(record(name, row, ways));
  }
  return parts;
}

function record(name: string, row: Row, ways: Ways): HTMLElement {
  const meters = Object.entries(row).filter(([column, value]) => column.endsWith("_ppm") && typeof value === "number");
  const shares = meters.filter(([column]) => !/^(demand|region)_/.test(column));
  const others = meters.filter(([column, value]) => /^(demand|region)_/.test(column) && value !== 1_000_000);
  const columns = Object.entries(row).filter(([column, value]) => !UNSAID.test(column) && value !== null && value !== "" && value !== false);
  return el(
    "section",
    {},
    el("h3", {}, name.startsWith("pass") ? "pass" : name.replace(/s$/, ""), " ", "verdict" in row ? chip(row) : null),
    ...shares.map(([column, value]) => meter(column.replace(/_ppm$/, ""), Number(value))),
    facts([
      ...others.map(([column, value]) => [column.replace(/_ppm$/, ""), percent(Number(value))] as const),
      ...columns.map(([column, value]) => [shown(column), said(column, value, ways)] as const),
    ]),
  );
}

/** A column's name without its unit, which its value carries. */
function shown(column: string): string {
  return column.replace(/_(mm|deg|ms|at|mm_s|milli|mdeg)$/, "").replaceAll("_", " ");
}

function said(column: string, value: string | number | boolean | null, ways: Ways): string | Node {
  const subject = WAYS[column];
  const plain = String(value);
  if (subject) return link(plain.length > 40 && subject !== "object" ? `${plain.slice(0, 16)}…` : plain, () => ways.open(subject, plain));
  if (column.endsWith("_at")) return moment(plain);
  if (typeof value !== "number") return /^[0-9a-f]{64}$/.test(plain) ? el("span", { title: plain }, `${plain.slice(0, 16)}…`) : plain;
  if (column.endsWith("_mm_s")) return `${(value / 1e3).toFixed(1)} m/s`;
  if (column.endsWith("_mm")) return `${(value / 1e3).toFixed(1)} m`;
  if (column.endsWith("_deg")) return `${value}°`;
  if (column.endsWith("_mdeg")) return `${(value / 1e3).toFixed(1)}°`;
  if (column.endsWith("_ms")) return `${(value / 1e3).toFixed(1)} s`;
  if (column.endsWith("_milli")) return (value / 1e3).toFixed(1);
  return grouped(value);
}

