// The map: cells on a canvas. No tiles, so that the page needs no network.

const canvas = $("canvas");
const view = { x: 0.5, y: 0.5, k: 512 };
let metric = METRICS[0];
let place = places[0];
let pinned = null;
let hovered = null;
let queued = false;
let tops = new Map();

/// The top of the scale: of all places, so that they compare.
function top() {
  if (!tops.has(metric)) {
    let most = 0;
    for (const cell of cells) most = Math.max(most, metric.of(cell));
    const steps = [50000, 100000, 200000, 300000, 400000, 500000, 600000, 800000, 1000000];
    tops.set(metric, metric.count ? Math.max(most, 1) : steps.find((s) => s >= most) || most);
  }
  return tops.get(metric);
}
/// A place too small on the map to show its cells: a ring stands for it.
const tiny = (p) => places.length > 1 && Math.max(p.x1 - p.x0, p.y1 - p.y0) * view.k < 12;
const part = (cell) => metric.of(cell) / top();
const amount = (value) => (metric.count ? int(Math.round(value)) : (value / 10000).toFixed(0) + "\u00a0%");

function redraw() {
  if (!queued) { queued = true; requestAnimationFrame(draw); }
}

function draw() {
  queued = false;
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, Math.max(devicePixelRatio || 1, printing ? 2 : 1)];
  if (width === 0 || height === 0) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const ink = canvas.getContext("2d");
  const [ground, line, text, mark] = dark() ? ["#1b2025", "#2b3238", "#aab3b8", "#ffffff"] : ["#f1f3ef", "#dfe3dc", "#535c64", "#000000"];
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  ink.fillStyle = ground;
  ink.fillRect(0, 0, width, height);
  ink.font = "11px system-ui, sans-serif";
  const px = (x) => (x - view.x) * view.k + width / 2;
  const py = (y) => (y - view.y) * view.k + height / 2;
  const labels = drawGrid(ink, { width, height, px, py, line });

  const groups = Array.from({ length: SHADES + 1 }, () => []);
  for (const cell of cells) {
    if (px(cell.x1) < -DOT || px(cell.x0) > width + DOT || py(cell.y1) < -DOT || py(cell.y0) > height + DOT) continue;
    groups[Math.round(Math.min(part(cell), 1) * SHADES)].push(cell);
  }
  const outline = (cell) => {
    for (let i = 0; i < cell.points.length; i += 2) {
      if (i === 0) ink.moveTo(px(cell.points[0]), py(cell.points[1]));
      else ink.lineTo(px(cell.points[i]), py(cell.points[i + 1]));
    }
    ink.closePath();
  };
  ink.strokeStyle = ground;
  ink.lineWidth = 1;
  groups.forEach((group, index) => {
    if (group.length === 0) return;
    ink.fillStyle = shade(index / SHADES);
    ink.beginPath();
    let edges = false;
    for (const cell of group) {
      const across = (cell.x1 - cell.x0) * view.k;
      // Far out, a cell is a dot: it must not vanish.
      if (across < DOT) ink.rect(px(cell.x) - DOT / 2, py(cell.y) - DOT / 2, DOT, DOT);
      else { outline(cell); edges = edges || across > 7; }
    }
    ink.fill();
    if (edges) ink.stroke();
  });
  for (const cell of new Set([hovered, pinned])) {
    if (!cell) continue;
    ink.beginPath();
    if ((cell.x1 - cell.x0) * view.k < 2 * DOT) ink.arc(px(cell.x), py(cell.y), 2 * DOT, 0, 7);
    else outline(cell);
    ink.strokeStyle = ground; ink.lineWidth = 5; ink.stroke();
    ink.strokeStyle = mark; ink.lineWidth = cell === pinned ? 2.5 : 1.5; ink.stroke();
  }
  for (const p of places.filter(tiny)) {
    ink.beginPath();
    ink.arc(px((p.x0 + p.x1) / 2), py((p.y0 + p.y1) / 2), 7, 0, 7);
    ink.strokeStyle = mark; ink.lineWidth = 1.5; ink.stroke();
    const label = plural(p.cells.length, "cell", "cells");
    const x = px((p.x0 + p.x1) / 2);
    const after = x + 14 + ink.measureText(label).width < width;
    labels.push([label, after ? x + 11 : x - 11 - ink.measureText(label).width, py((p.y0 + p.y1) / 2) + 4]);
  }
  for (const label of labels) drawLabel(ink, label, ground, text);
  drawScale(ink, { height, ground, text });
}

/// Meridians and parallels; gives back their labels, which stand over the cells.
function drawGrid(ink, { width, height, px, py, line }) {
  const labels = [];
  const span = (width / view.k) * 360;
  const steps = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002];
  const step = steps.find((s) => span / s >= width / 220) || 0.0001;
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  ink.strokeStyle = line;
  ink.lineWidth = 1;
  ink.beginPath();
  const west = (view.x - width / 2 / view.k) * 360 - 180;
  for (let i = Math.ceil(west / step); i * step < west + span; i += 1) {
    const x = Math.round(px(mercatorX(i * step))) + 0.5;
    ink.moveTo(x, 0);
    ink.lineTo(x, height);
    if (x > 40 && x < width - 130) labels.push([degrees(longitude(mercatorX(i * step)), digits, "E", "W"), x + 4, 14]);
  }
  const north = latitude(Math.max(view.y - height / 2 / view.k, 0));
  const south = latitude(Math.min(view.y + height / 2 / view.k, 1));
  for (let i = Math.ceil(south / step); i * step < north; i += 1) {
    const y = Math.round(py(mercatorY(i * step))) + 0.5;
    ink.moveTo(0, y);
    ink.lineTo(width, y);
    if (y > 30 && y < height - 40) labels.push([degrees(i * step, digits, "N", "S"), 6, y - 4]);
  }
  ink.stroke();
  return labels;
}

function drawLabel(ink, [label, x, y], ground, text) {
  ink.lineJoin = "round";
  ink.lineWidth = 4;
  ink.strokeStyle = ground;
  ink.strokeText(label, x, y);
  ink.fillStyle = text;
  ink.fillText(label, x, y);
}

function drawScale(ink, { height, ground, text }) {
  const metres = (EARTH * Math.cos((latitude(view.y) * Math.PI) / 180)) / view.k;
  let length = 1;
  for (let i = 0; i < 24; i += 1) {
    const next = [1, 2, 5][i % 3] * 10 ** Math.floor(i / 3);
    if (next / metres <= 130) length = next;
  }
  const wide = length / metres;
  const label = length >= 1000 ? int(length / 1000) + " km" : length + " m";
  const [x, y] = [14, height - 16];
  ink.beginPath();
  ink.moveTo(x, y - 6); ink.lineTo(x, y); ink.lineTo(x + wide, y); ink.lineTo(x + wide, y - 6);
  ink.strokeStyle = ground; ink.lineWidth = 5; ink.stroke();
  ink.strokeStyle = text; ink.lineWidth = 1.5; ink.stroke();
  drawLabel(ink, [label, x + 6, y - 6], ground, text);
}

// Moving about.
function limit() {
  view.k = Math.min(Math.max(view.k, 200), 2 ** 28);
  view.y = Math.min(Math.max(view.y, 0), 1);
}
function fit(box) {
  const [width, height] = [canvas.clientWidth || 600, canvas.clientHeight || 400];
  const margin = 48;
  view.x = (box.x0 + box.x1) / 2;
  view.y = (box.y0 + box.y1) / 2;
  view.k = Math.min((width - 2 * margin) / (box.x1 - box.x0 || 1e-6), (height - 2 * margin) / (box.y1 - box.y0 || 1e-6), 2 ** 25);
  limit();
  redraw();
}
function zoom(factor, atX = canvas.clientWidth / 2, atY = canvas.clientHeight / 2) {
  const [dx, dy, before] = [atX - canvas.clientWidth / 2, atY - canvas.clientHeight / 2, view.k];
  view.k *= factor;
  limit();
  view.x += dx / before - dx / view.k;
  view.y += dy / before - dy / view.k;
  limit();
  redraw();
}
function pan(dx, dy) {
  view.x -= dx / view.k;
  view.y -= dy / view.k;
  limit();
  redraw();
}

function cellAt(px, py) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [x, y] = [(px - width / 2) / view.k + view.x, (py - height / 2) / view.k + view.y];
  const reach = 8 / view.k;
  let best = null;
  let least = Infinity;
  for (const cell of cells) {
    if (x < cell.x0 - reach || x > cell.x1 + reach || y < cell.y0 - reach || y > cell.y1 + reach) continue;
    const far = (cell.x - x) ** 2 + (cell.y - y) ** 2;
    if (far < least) { least = far; best = cell; }
  }
  return best;
}

/// The nearest cell in one direction: within 60 degrees of it.
function neighbour(from, dx, dy) {
  let best = null;
  let least = Infinity;
  for (const cell of place.cells) {
    const [x, y] = [cell.x - from.x, cell.y - from.y];
    const along = x * dx + y * dy;
    const far = Math.hypot(x, y);
    if (cell === from || along < far * 0.5) continue;
    if (far * (2 - along / far) < least) { least = far * (2 - along / far); best = cell; }
  }
  return best;
}

function pin(cell, speak) {
  pinned = cell;
  if (cell) {
    const home = places.find((p) => p.cells.includes(cell));
    if (home !== place && !place.whole) { place = home; showPlaces(); }
    const margin = 40 / view.k;
    const [w, h] = [canvas.clientWidth / 2 / view.k - margin, canvas.clientHeight / 2 / view.k - margin];
    if (Math.abs(cell.x - view.x) > w || Math.abs(cell.y - view.y) > h) { view.x = cell.x; view.y = cell.y; }
  }
  if (speak && cell) {
    $("announce").textContent = "Cell " + cell.id + ": score " + percent(cell.score) + ", " + plural(cell.contributors, "contributor", "contributors")
      + ", " + plural(cell.passes, "pass", "passes") + ", " + plural(cell.images, "image", "images") + ". "
      + cell.credits.map(([who, credit]) => data.cells.names[who] + " earned " + int(credit)).join(", ");
  }
  showCell();
  redraw();
}

function listen() {
  const pointers = new Map();
  let moved = 0;
  let scrolled = -1000;
  const at = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  const over = (cell) => { if (cell !== hovered) { hovered = cell; canvas.classList.toggle("over", Boolean(cell)); showCell(); redraw(); } };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (pointers.size === 0) moved = 0;
    pointers.set(event.pointerId, at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event);
    const last = pointers.get(event.pointerId);
    if (!last) { if (event.pointerType !== "touch") over(cellAt(...now)); return; }
    const other = [...pointers].find(([id]) => id !== event.pointerId);
    moved += Math.hypot(now[0] - last[0], now[1] - last[1]);
    if (moved > 4) canvas.classList.add("moving");
    if (other) {
      // Two fingers: what lies under them stays under them.
      const [ox, oy] = other[1];
      const apart = (p) => Math.max(Math.hypot(p[0] - ox, p[1] - oy), 1);
      pan((now[0] - last[0]) / 2, (now[1] - last[1]) / 2);
      zoom(apart(now) / apart(last), (now[0] + ox) / 2, (now[1] + oy) / 2);
      moved += 5;
    } else if (moved > 4) {
      pan(now[0] - last[0], now[1] - last[1]);
    }
    pointers.set(event.pointerId, now);
  });
  const lift = (event) => {
    const known = pointers.delete(event.pointerId);
    if (pointers.size > 0) return;
    canvas.classList.remove("moving");
    if (known && event.type === "pointerup" && moved <= 4) {
      hovered = null;
      const cell = cellAt(...at(event));
      const home = cell && places.find((p) => p.cells.includes(cell));
      if (home && tiny(home)) go(home);
      else pin(cell, false);
    }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => over(null));
  // Whoever scrolls down the page and meets the map on the way goes on scrolling.
  addEventListener("scroll", () => { scrolled = performance.now(); }, { passive: true });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas && performance.now() - scrolled < 500) { scrolled = performance.now(); return; }
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    zoom(Math.exp(Math.min(Math.max(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0022), -1), 1)), ...at(event));
  }, { passive: false });
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const way = ways[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (way && event.shiftKey) pan(-way[0] * 80, -way[1] * 80);
    else if (way) { const next = pinned ? neighbour(pinned, ...way) : middle(); if (next) pin(next, true); }
    else if (event.key === "+" || event.key === "=") zoom(1.5);
    else if (event.key === "-") zoom(1 / 1.5);
    else if (event.key === "0") fit(place);
    else if (event.key === "Escape") pin(null, false);
    else return;
    event.preventDefault();
  });
  const middle = () => place.cells.reduce((a, b) => (Math.hypot(b.x - view.x, b.y - view.y) < Math.hypot(a.x - view.x, a.y - view.y) ? b : a));
  $("zoom-in").addEventListener("click", () => zoom(1.6));
  $("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
  $("zoom-fit").addEventListener("click", () => fit(place));
  const repaint = () => { showLegend(); draw(); };
  darkScheme.addEventListener("change", repaint);
  addEventListener("beforeprint", () => { printing = true; repaint(); });
  addEventListener("afterprint", () => { printing = false; repaint(); });
  new ResizeObserver(redraw).observe(canvas);
}

function drawMap() {
  if (cells.length === 0) {
    $("map-intro").append(big(data.cells_total) === 0n ? "No cell is covered in this epoch." : "The outlines of the cells are missing.");
    return;
  }
  $("map-intro").append("A cell is a hexagon of the H3 grid. Its score says how good, how fresh and how well confirmed its coverage is.");
  if (big(cells.length) < big(data.cells_total)) {
    $("map-intro").append(" This page holds ", strong(int(cells.length)), " of ", strong(int(data.cells_total)), " cells, those with the best scores; the ",
      mono("coverage"), " table beside it has them all.");
  }
  METRICS.forEach((m, i) => {
    const radio = el("input", { type: "radio", name: "metric", value: String(i), onchange: () => { metric = m; showLegend(); showCell(); redraw(); } });
    radio.checked = i === 0;
    $("metrics").append(el("label", {}, radio, m.label));
  });
  $("map-body").hidden = false;
  $("cells-details").addEventListener("toggle", () => { if ($("cells").childNodes.length === 0) $("cells").append(cellTable()); });
  listen();
  showPlaces();
  fit(place);
}
