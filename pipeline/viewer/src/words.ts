// Numbers and moments as people read them.

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 1234567 or "1234567" as 1,234,567. */
export function grouped(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? GROUPED.format(BigInt(value)) : GROUPED.format(value);
}

/** Parts per million as a percentage: 182813 as 18.3 %. */
export function percent(ppm: number): string {
  const value = ppm / 1e4;
  const digits = value > 0 && value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} %`;
}

/** A large amount in few letters: 25000 as 25k. */
export function short(value: number): string {
  if (value >= 1e9) return `${trimmed(value / 1e9)}G`;
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A moment of RFC 3339 as a date and time of day in UTC. */
export function moment(text: string | null | undefined): string {
  if (!text) return "unknown";
  return `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** Degrees as in 55.614° N 2.327° W. */
export function place(lat: number, lon: number, digits = 2): string {
  const one = (value: number, plus: string, minus: string) =>
    `${Math.abs(value).toFixed(digits)}° ${value < 0 ? minus : plus}`;
  return `${one(lat, "N", "S")} ${one(lon, "E", "W")}`;
}

/** An epoch's key as a name: a span of days by its dates, others as they are. */
export function epochName(key: string): string {
  const span = /^(\d{4}-\d\d-\d\d)T(\d{6})Z_(\d{4}-\d\d-\d\d)T(\d{6})Z$/.exec(key);
  if (!span) return key;
  const [, from = "", start = "", to = "", end = ""] = span;
  const time = (digits: string) => (digits === "000000" ? "" : ` ${digits.slice(0, 2)}:${digits.slice(2, 4)}`);
  const shared = from.slice(0, 5) === to.slice(0, 5) ? to.slice(5) : to;
  return `${from}${time(start)} to ${shared}${time(end)}`;
}

const POINTS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];

/** A heading in degrees as the point of the compass that is nearest. */
export function compass(degrees: number): string {
  return POINTS[Math.round((((degrees % 360) + 360) % 360) / 45) % 8] ?? "north";
}

/** An id of 64 digits by its first ones. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 10)}…` : id;
}

/** `1 cell`, `2 cells`. */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : several}`;
}
