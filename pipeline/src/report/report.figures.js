// Small drawings: how rewards are spread, how good what counts is, where the time went.

/// A shape of an inline drawing.
function shape(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}
const drawing = (wide, high, label, ...shapes) => shape("svg", { viewBox: "0 0 " + wide + " " + high, role: "img", "aria-label": label }, ...shapes);
const figure = (title, picture, below, ...words) => el("figure", {}, el("h3", {}, title), picture, below, el("figcaption", {}, words));
const ticks = (...labels) => el("div", { class: "ticks", "aria-hidden": "true" }, labels.map((t) => el("span", {}, t)));

function drawSpread() {
  const { shares, lorenz } = data.spread;
  if (lorenz.length === 0) return;
  const at = (part, i) => [(i / (lorenz.length - 1)) * 240, 120 - (part / 1e6) * 120];
  const path = lorenz.map((part, i) => (i === 0 ? "M" : "L") + at(part, i).join(" ")).join("");
  const half = lorenz[Math.floor(lorenz.length / 2)];
  const said = "The lesser paid half gets " + percent(half) + " of the rewards, the best paid tenth " + percent(shares.top_tenth_ppm) + ".";
  $("spread").append(figure("How evenly it is spread",
    drawing(240, 120, said, shape("path", { class: "area", d: path + "L240 0L0 120Z" }), shape("path", { class: "even", d: "M0 120L240 0" }),
      shape("path", { class: "axis", d: "M0 0V120H240" }), shape("path", { class: "curve", d: path })),
    ticks("the least paid", "all"),
    said, " Were all paid the same, the curve would be the dashed line. Gini coefficient ", strong((shares.gini_ppm / 1e6).toFixed(2), ppmTitle(shares.gini_ppm)),
    ": 0 when all get the same, near 1 when one gets all. Who sent something and earned nothing counts too."));
}

function drawQualities() {
  if (data.qualities.length === 0) { $("quality-intro").append("Nothing was kept."); return; }
  $("quality-intro").append("From 0, worthless, to 100\u00a0%. Each bar counts what lies in a twentieth of the scale.");
  for (const { what, measure, bins } of data.qualities) {
    const most = Math.max(...bins);
    const whole = bins.reduce((a, b) => a + b, 0);
    let seen = 0;
    const middle = bins.findIndex((count) => { seen += count; return seen * 2 >= whole; });
    const bars = bins.map((count, i) => count === 0 ? null : shape("rect", { class: "mark", x: i * 12 + 0.5, width: 11, y: 90 - Math.max((count / most) * 88, 1.5), height: Math.max((count / most) * 88, 1.5) },
      shape("title", {}, int(count) + " from " + i * 5 + " to " + (i + 1) * 5 + "\u00a0%")));
    const said = "Half of " + int(whole) + " lie at " + (middle + 1) * 5 + "\u00a0% or below.";
    $("qualities").append(figure(what + ": " + measure,
      drawing(240, 90, what + ", " + measure + ". " + said, ...bars.filter(Boolean), shape("path", { class: "axis", d: "M0 90H240" })),
      ticks("0\u00a0%", "50\u00a0%", "100\u00a0%"), said));
  }
}

/// The stages that took longest; one that runs more than once counts in all.
function drawStages() {
  const byName = new Map();
  for (const { stage, tasks, ms } of data.stages) {
    const so = byName.get(stage) || { stage, tasks: 0, ms: 0 };
    byName.set(stage, { stage, tasks: so.tasks + tasks, ms: so.ms + ms });
  }
  const stages = [...byName.values()].sort((a, b) => b.ms - a.ms).slice(0, 8).filter((s) => s.ms > 0);
  if (stages.length === 0) return;
  const whole = data.stages.reduce((a, s) => a + s.ms, 0);
  const seconds = (ms) => (ms / 1000).toFixed(ms < 10000 ? 2 : 1) + "\u00a0s";
  $("stages").append(el("h3", {}, "Where the time went"), table({
    rows: stages, kind: "rewards", caption: "The slowest of " + plural(byName.size, "stage", "stages") + ", of " + seconds(whole) + " in all, by the clock",
    columns: [
      { label: "Stage", head: true, class: "name", cell: (s) => mono(s.stage) },
      { label: "Time", num: true, cell: (s) => seconds(s.ms) },
      { label: "Part", class: "share", cell: (s) => el("div", {}, el("span", {}, percent((s.ms / whole) * 1e6)), el("span", { "aria-hidden": "true" }, el("i", { "width%": (s.ms / stages[0].ms) * 100 }))) },
      { label: "Tasks", num: true, cell: (s) => int(s.tasks) },
    ],
  }));
}
