// What stands beside and below the map: one cell's numbers, the legend, the places, the cells as a table.

function showCell() {
  const cell = hovered || pinned;
  if (!cell) {
    const values = place.cells.map(metric.of).sort((a, b) => a - b);
    const middle = values[Math.floor((values.length - 1) / 2)];
    $("cell").replaceChildren(
      el("h3", {}, place.whole ? "All places" : "This place"),
      el("p", { class: "quiet" }, placeName(place)),
      el("dl", {}, [
        ["Cells", int(place.cells.length)], ["Median " + metric.label.toLowerCase(), metric.count ? int(middle) : ppmText(middle)],
        ["Passes", int(sum(place.cells.map((c) => c.passes)))], ["Images", int(sum(place.cells.map((c) => c.images)))],
      ].map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)])),
      el("p", { class: "quiet screen" }, "Point at a cell, or tap it, for its numbers and for who earned what there."));
    return;
  }
  const whole = sum(cell.credits.map((c) => c[1]));
  const earned = [...cell.credits].sort((a, b) => (big(a[1]) > big(b[1]) ? -1 : big(a[1]) < big(b[1]) ? 1 : 0));
  $("cell").replaceChildren(
    el("h3", {}, "Cell ", mono(cell.id)),
    el("dl", {}, [
      ["Score", ppmText(cell.score)], ["Quality", ppmText(cell.quality)], ["Freshness", ppmText(cell.freshness)], ["Confidence", ppmText(cell.confidence)],
      ["Directions", cell.directions + " of 2"], ["Contributors", int(cell.contributors)], ["Passes", int(cell.passes)], ["Images", int(cell.images)],
      ["Newest", cell.newest === null ? "none" : moment(cell.newest)],
    ].map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)])),
    earned.length === 0 ? el("p", { class: "quiet" }, "Nobody earned credit here in this epoch.")
      : el("div", { class: "scroll", role: "region", "aria-label": "Credit in this cell", tabindex: "0" }, el("table", {},
        el("caption", {}, "Credit in this cell"),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Contributor"), el("th", { scope: "col", class: "num" }, "Credit"), el("th", { scope: "col", class: "num" }, "Part"))),
        el("tbody", {}, earned.map(([who, credit]) => el("tr", {}, el("th", { scope: "row" }, name(data.cells.names[who])),
          el("td", { class: "num" }, int(credit)), el("td", { class: "num" }, ppmText(ratio(credit, whole)))))))));
}

/// The scale, with how many cells of the place lie where on it.
function showLegend() {
  const bins = metric.count ? Math.min(top() + 1, 24) : 20;
  const counts = new Array(bins).fill(0);
  for (const cell of place.cells) counts[Math.min(Math.floor(part(cell) * (metric.count ? bins - 1 : bins)), bins - 1)] += 1;
  const most = Math.max(...counts, 1);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 240 44");
  svg.setAttribute("aria-hidden", "true");
  counts.forEach((count, i) => {
    if (count === 0) return;
    const high = Math.max((count / most) * 42, 1.5);
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const at = metric.count ? i / Math.max(bins - 1, 1) : (i + 0.5) / bins;
    for (const [key, value] of Object.entries({ x: (i * 240) / bins + 0.5, y: 44 - high, width: 240 / bins - 1, height: high, fill: shade(at) })) bar.setAttribute(key, String(value));
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = plural(count, "cell", "cells");
    bar.append(title);
    svg.append(bar);
  });
  // A few whole numbers get a field each, right under their bars.
  const steps = metric.count && bins <= 9 ? bins : 24;
  const ticks = steps === bins ? Array.from({ length: top() + 1 }, (_, i) => i) : [0, top() / 2, top()];
  $("legend").replaceChildren(el("div", { class: "legend" },
    el("h3", {}, metric.label), svg,
    el("div", { class: "ramp", "aria-hidden": "true" }, Array.from({ length: steps }, (_, i) => el("span", { paint: shade(i / (steps - 1)) }))),
    el("div", { class: steps === bins ? "ticks each" : "ticks" }, ticks.map((t) => el("span", {}, amount(t)))),
    el("p", { class: "note" }, metric.tell + " The bars count the cells of " + (place.whole ? "all places." : "this place."))));
}

function showPlaces() {
  const shown = [...places.slice(0, 24), everywhere];
  const label = (p) => (p.whole ? "All" : [placeName(p) + " ", el("span", { class: "quiet" }, "\u00b7 " + plural(p.cells.length, "cell", "cells"))]);
  $("places").replaceChildren(...shown.map((p) => el("li", {}, el("button", { type: "button", "aria-pressed": String(p === place), onclick: () => {
    go(p);
    $("places").children[shown.indexOf(p)].firstChild.focus();
  } }, label(p)))));
  $("places-row").hidden = places.length < 2;
  showLegend();
  showCell();
}
function go(to) {
  place = to;
  pinned = hovered = null;
  showPlaces();
  fit(place);
}

function cellTable() {
  const share = (label, key) => ({ label, num: true, key: (c) => c[key], cell: (c) => ppmText(c[key]) });
  const count = (label, key) => ({ label, num: true, key: (c) => c[key], cell: (c) => int(c[key]) });
  return table({
    rows: cells, caption: "The covered cells", step: 50, what: "cell", sort: [1, true],
    columns: [
      { label: "Cell", head: true, key: (c) => c.id, cell: (c) => mono(c.id) },
      share("Score", "score"), share("Quality", "quality"), share("Freshness", "freshness"), share("Confidence", "confidence"),
      count("Directions", "directions"), count("Contributors", "contributors"), count("Passes", "passes"), count("Images", "images"),
      { label: "Newest", key: (c) => c.newest || "", cell: (c) => (c.newest === null ? "none" : moment(c.newest)) },
    ],
  });
}
