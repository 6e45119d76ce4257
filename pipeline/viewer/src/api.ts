// What the server answers.

export interface Epoch {
  readonly key: string;
  readonly as_of: string;
  readonly cells: number;
  readonly pool: string;
}

export interface Epochs {
  readonly epochs: readonly Epoch[];
  readonly roads: boolean;
  readonly map: string;
}

export interface VerdictCount {
  readonly table: string;
  readonly reason: string;
  readonly verdict: "kept" | "duplicate" | "rejected";
  readonly meaning: string;
  readonly count: number;
}

export interface Contributor {
  readonly contributor: string;
  readonly credit: number | string;
  readonly weight_ppm: number;
  readonly reward: number | string;
  readonly claim: number | string;
  readonly cells: number;
  readonly passes: number;
  readonly objects: number;
  readonly kept: number;
  readonly duplicates: number;
  readonly rejected: number;
}

export interface Place {
  readonly cells: number;
  readonly reward: number;
  readonly bounds: readonly [number, number, number, number];
}

export interface Summary {
  readonly key: string;
  readonly as_of: string;
  readonly results_digest: string;
  readonly policy_digest: string;
  readonly version: string;
  readonly pool: string;
  readonly unallocated: string;
  readonly objects: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly verdicts: readonly VerdictCount[];
  readonly contributors: number;
  readonly paid: number;
  readonly top: readonly Contributor[];
  readonly resolution: number;
  readonly mean_score_ppm: number;
  readonly most_score_ppm: number;
  readonly most_contributors: number;
  readonly most_reward: Readonly<Record<string, number>>;
  readonly places: readonly Place[];
  readonly places_total: number;
  readonly has_map: boolean;
}

/** A row of a published table. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

export interface Answer {
  readonly text: string;
  readonly json: Readonly<Record<string, readonly Row[]>>;
  readonly outline?: GeoJSON.Geometry;
}

export interface Found {
  readonly total: number;
  readonly contributors: readonly Contributor[];
}

/** An answer that the server refuses, in its words. */
export class Refused extends Error {}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(path, { headers: { accept: "application/json" } }).catch(() => {
    throw new Refused("The server does not answer. Is `cairn view` still running?");
  });
  if (response.ok) return (await response.json()) as T;
  const said = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Refused(said.error ?? `The server answers ${response.status}.`);
}

const of = (epoch: string): string => `/api/${encodeURIComponent(epoch)}`;
const known = new Map<string, Promise<unknown>>();

/** An answer that does not change while an epoch is looked at. */
function once<T>(path: string): Promise<T> {
  const before = known.get(path) as Promise<T> | undefined;
  if (before) return before;
  const asked = get<T>(path);
  known.set(path, asked);
  asked.catch(() => known.delete(path));
  return asked;
}

export const epochs = (): Promise<Epochs> => get<Epochs>("/api/epochs");
export const summary = (epoch: string): Promise<Summary> => once<Summary>(of(epoch));

/** Keys stand in the query: as a part of the path, a browser would resolve `..`. */
export function explain(epoch: string, subject: string, key: string): Promise<Answer> {
  return once<Answer>(`${of(epoch)}/${subject}?key=${encodeURIComponent(key)}`);
}

export function cellsOf(epoch: string, contributor: string): Promise<GeoJSON.FeatureCollection> {
  return once(`${of(epoch)}/contributor?of=cells&key=${encodeURIComponent(contributor)}`);
}

export function search(epoch: string, text: string): Promise<Found> {
  return get<Found>(`${of(epoch)}/contributors?q=${encodeURIComponent(text)}`);
}

/** Where the tiles of an epoch lie. */
export const tilesOf = (epoch: string, file: string): string =>
  `${location.origin}/data/${encodeURIComponent(epoch)}/${file}`;
