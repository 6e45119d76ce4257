// What the page shows, as it stands behind the # of its address: a link gives the same view again.

import type { Measure } from "./ramps";
import { MEASURES } from "./ramps";

export type Kind = "cell" | "pass" | "image" | "object";
const KINDS: readonly Kind[] = ["cell", "pass", "image", "object"];

export interface View {
  /** Key of the epoch; none is the newest. */
  readonly epoch?: string;
  /** Latitude and longitude in degrees, and zoom. */
  readonly at?: readonly [number, number, number];
  /** What colours the cells; none is what suits the epoch. */
  readonly by?: Measure;
  /** Whose cells are outlined; explained when nothing else is. */
  readonly contributor?: string;
  /** What is explained. */
  readonly open?: { readonly kind: Kind; readonly key: string };
}

/** The view that an address asks for; what it does not say, or says wrongly, is left open. */
export function parse(hash: string): View {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const view: { -readonly [K in keyof View]: View[K] } = {};
  const epoch = asked.get("epoch");
  if (epoch) view.epoch = epoch;
  const at = (asked.get("at") ?? "").split(",").map((part) => (part === "" ? Number.NaN : Number(part)));
  const [lat, lon, zoom] = at;
  if (at.length === 3 && at.every(Number.isFinite) && Math.abs(lat ?? 91) <= 90 && Math.abs(lon ?? 541) <= 540) {
    view.at = [lat ?? 0, lon ?? 0, Math.min(22, Math.max(0, zoom ?? 0))];
  }
  const by = MEASURES.find((measure) => measure === asked.get("by"));
  if (by) view.by = by;
  const contributor = asked.get("contributor");
  if (contributor) view.contributor = contributor;
  for (const kind of KINDS) {
    const key = asked.get(kind);
    if (key) view.open = { kind, key };
  }
  return view;
}

/** The address of a view. */
export function format(view: View): string {
  const said = new URLSearchParams();
  if (view.epoch) said.set("epoch", view.epoch);
  if (view.at) said.set("at", `${view.at[0].toFixed(5)},${view.at[1].toFixed(5)},${view.at[2].toFixed(2)}`);
  if (view.by) said.set("by", view.by);
  if (view.contributor) said.set("contributor", view.contributor);
  if (view.open) said.set(view.open.kind, view.open.key);
  return `#${said.toString().replaceAll("%2C", ",").replaceAll("%2F", "/")}`;
}

/** `restored`: the address says where the map is, by the back button or a link; else the map may go where it fits. */
type Listener = (view: View, before: View, restored: boolean) => void;

/** The view, and those who want to know when it changes. */
export class Shown {
  private view: View = parse(location.hash);
  private readonly listeners: Listener[] = [];

  constructor() {
    addEventListener("popstate", () => this.become(parse(location.hash), true));
  }

  get now(): View {
    return this.view;
  }

  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** Goes to another view, which the back button leaves again. */
  go(change: { readonly [K in keyof View]?: View[K] | undefined }): void {
    const next = merged(this.view, change);
    if (format(next) === format(this.view)) return;
    history.pushState(null, "", format(next));
    this.become(next, false);
  }

  /** Notes where the map is, without a step of its own for the back button. */
  note(at: NonNullable<View["at"]>): void {
    this.view = { ...this.view, at };
    history.replaceState(null, "", format(this.view));
  }

  private become(next: View, restored: boolean): void {
    const before = this.view;
    this.view = next;
    for (const listener of this.listeners) listener(next, before, restored);
  }
}

function merged(view: View, change: { readonly [K in keyof View]?: View[K] | undefined }): View {
  const all = Object.entries({ ...view, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(all) as View;
}
