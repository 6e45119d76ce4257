// Colours of cells: steps of one lightness direction, which no kind of colour blindness confuses, for both themes.

import type { ExpressionSpecification } from "maplibre-gl";
import type { Summary } from "./api";
import { percent, short } from "./words";

export type Measure = "score" | "quality" | "freshness" | "contributors" | "reward";
export type Theme = "light" | "dark";

export const MEASURES: readonly Measure[] = ["score", "quality", "freshness", "contributors", "reward"];

interface Meaning {
  readonly name: string;
  readonly about: string;
  /** The attribute of the tiles. */
  readonly attribute: string;
  readonly colours: Readonly<Record<Theme, readonly string[]>>;
}

/** What is not counted: driven, and worth nothing yet. */
export const NOTHING: Readonly<Record<Theme, string>> = { light: "#d3d0c8", dark: "#2d3640" };

export const MEANINGS: Readonly<Record<Measure, Meaning>> = {
  score: {
    name: "Score",
    about: "quality × freshness, and more with every independent contributor",
    attribute: "score_ppm",
    colours: {
      light: ["#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"],
      dark: ["#214a86", "#1f6fae", "#2497bb", "#4cc0bb", "#93dcb0", "#e9f8c4"],
    },
  },
  quality: {
    name: "Quality",
    about: "how good the best picture of each direction is, faded by age",
    attribute: "quality_ppm",
    colours: {
      light: ["#bfd3e6", "#9ebcda", "#8c96c6", "#8c6bb1", "#88419d", "#6e016b"],
      dark: ["#44306a", "#62409a", "#8059bd", "#a07fd0", "#c3abe3", "#ece2f8"],
    },
  },
  freshness: {
    name: "Freshness",
    about: "full on the day of capture, gone after 90 days by the default policy",
    attribute: "freshness_ppm",
    colours: {
      light: ["#d0eba0", "#a5d98a", "#78c679", "#41ab5d", "#1f7f41", "#00522d"],
      dark: ["#1a4d33", "#216b45", "#2f8a57", "#57b06e", "#93d08c", "#d9f1b4"],
    },
  },
  contributors: {
    name: "Contributors",
    about: "how many people were there independently",
    attribute: "contributors",
    colours: {
      light: ["#fbc3be", "#fa9fb5", "#f768a1", "#dd3497", "#ae017e", "#68005e"],
      dark: ["#651750", "#8f1d69", "#b93583", "#dd6aa3", "#f2a2bd", "#fddcda"],
    },
  },
  reward: {
    name: "Reward",
    about: "what was earned here, in units of the pool",
    attribute: "reward",
    colours: {
      light: ["#fee391", "#fec44f", "#fe9929", "#ec7014", "#cc4c02", "#7f2704"],
      dark: ["#66300f", "#8f4710", "#b86515", "#de8f22", "#f5bd4a", "#fdeda8"],
    },
  },
};

/** The least values of the classes of a measure, rising; below the first is nothing. */
export function bounds(measure: Measure, summary: Summary, resolution: number): number[] {
  switch (measure) {
    case "contributors": {
      const most = summary.most_contributors;
      return most > 12 ? [1, 2, 3, 5, 8, 13] : most > 6 ? [1, 2, 3, 4, 6, 8] : [1, 2, 3, 4, 5, 6];
    }
    case "reward":
      return rounded(summary.most_reward[String(resolution)] ?? 0);
    case "score": {
      const tops = [60_000, 120_000, 180_000, 240_000, 300_000, 600_000];
      const top = tops.find((value) => value >= summary.most_score_ppm);
      return top ? even(top) : [1, 200_000, 400_000, 600_000, 800_000, 900_000];
    }
    default:
      return [1, 200_000, 400_000, 600_000, 800_000, 900_000];
  }
}

function even(top: number): number[] {
  return [0, 1, 2, 3, 4, 5].map((step) => Math.max(1, (step * top) / 6));
}

/** Six classes up to the most there is, at numbers of two digits: few cells earn much, so the lower ones are narrow. */
function rounded(most: number): number[] {
  const least = [0.03, 0.1, 0.25, 0.5, 0.75].map((share) => Number((share * most).toPrecision(2)));
  return most < 60 ? [1, 10, 20, 30, 40, 50] : [1, ...least];
}

/** The class of a value: -1 for nothing. */
export function classOf(value: number, least: readonly number[]): number {
  return least.findLastIndex((bound) => value >= bound);
}

/** The colour of a class. */
export function colourOf(measure: Measure, theme: Theme, step: number): string {
  return MEANINGS[measure].colours[theme][step] ?? NOTHING[theme];
}

/** What a class of a measure says in the legend. */
export function label(measure: Measure, least: readonly number[], step: number): string {
  const bound = least[step] ?? 0;
  if (measure === "contributors") return step === least.length - 1 ? `${bound}+` : String(bound);
  if (measure === "reward") return short(bound);
  return step === 0 ? "> 0" : percent(bound).replace(".0 ", " ");
}

/** The colour of a cell as the map works it out; rewards of coarser cells are sums, and have classes of their own. */
export function expression(measure: Measure, summary: Summary, theme: Theme): ExpressionSpecification {
  const steps = (resolution: number): ExpressionSpecification => {
    const least = bounds(measure, summary, resolution);
    const stops = least.flatMap((bound, step) => [bound, colourOf(measure, theme, step)]);
    const value: ExpressionSpecification = ["to-number", ["get", MEANINGS[measure].attribute], 0];
    return ["step", value, NOTHING[theme], ...stops] as ExpressionSpecification;
  };
  if (measure !== "reward") return steps(summary.resolution);
  const levels = Object.keys(summary.most_reward).map(Number);
  const cases = levels.filter((level) => level !== summary.resolution).flatMap((level) => [level, steps(level)]);
  if (cases.length === 0) return steps(summary.resolution);
  return ["match", ["get", "resolution"], ...cases, steps(summary.resolution)] as unknown as ExpressionSpecification;
}
