// The cells: their colours, their outlines in Web Mercator, and the places they lie in.

const METRICS = [
  { label: "Score", of: (c) => c.score, tell: "Score is quality times freshness, weighed by confidence." },
  { label: "Quality", of: (c) => c.quality, tell: "Quality is how good the position and the pictures of the cell are." },
  { label: "Freshness", of: (c) => c.freshness, tell: "Freshness falls from 100 % to 0 as the newest capture ages." },
  { label: "Contributors", of: (c) => c.contributors, count: true, tell: "Contributors are those with a kept pass in the cell." },
];
/// Sequential scales with steadily falling or rising lightness: they read the same with any colour vision, and more
/// always stands out more from the ground.
const RAMPS = {
  light: ["#dfe3a8", "#a3d3ac", "#54b3b8", "#2b80b6", "#25468f", "#141c58"],
  dark: ["#33386f", "#2e5f9e", "#3492b0", "#5fbfa9", "#addb9c", "#f8f3ae"],
};
const SHADES = 32;
const DOT = 3;
const EARTH = 40075016.686;

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
let printing = false;
const dark = () => darkScheme.matches && !printing;

function shade(part) {
  const stops = RAMPS[dark() ? "dark" : "light"];
  const at = Math.min(Math.max(part, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const channel = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mix = [0, 1, 2].map((i) => Math.round(channel(stops[low], i) + (channel(stops[low + 1], i) - channel(stops[low], i)) * (at - low)));
  return "rgb(" + mix.join(",") + ")";
}

const mercatorX = (lon) => (lon + 180) / 360;
const mercatorY = (lat) => {
  const limited = Math.min(Math.max(lat, -85), 85) * (Math.PI / 180);
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + limited / 2)) / (2 * Math.PI);
};
const longitude = (x) => ((((x * 360) % 360) + 360) % 360) - 180;
const latitude = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;
const degrees = (value, digits, plus, minus) => Math.abs(value).toFixed(digits) + "\u00b0\u00a0" + (value < 0 ? minus : plus);

const cells = data.cells.rows.map((r) => {
  const [id, ring, score, quality, freshness, confidence, directions, contributors, passes, images, newest, credits] = r;
  const points = new Float64Array(ring.length);
  let [lon, lat] = [0, 0];
  for (let i = 0; i + 1 < ring.length; i += 2) {
    lon += ring[i];
    lat += ring[i + 1];
    points[i] = mercatorX(lon / 1e6);
    points[i + 1] = mercatorY(lat / 1e6);
  }
  return { id, score, quality, freshness, confidence, directions, contributors, passes, images, newest, credits, points };
}).filter((c) => c.points.length >= 6);
for (const cell of cells) measure(cell);

function measure(cell) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < cell.points.length; i += 2) {
    x0 = Math.min(x0, cell.points[i]); x1 = Math.max(x1, cell.points[i]);
    y0 = Math.min(y0, cell.points[i + 1]); y1 = Math.max(y1, cell.points[i + 1]);
  }
  Object.assign(cell, { x0, y0, x1, y1, x: (x0 + x1) / 2, y: (y0 + y1) / 2 });
}

/// Groups of cells that are near each other: touching squares of a grid, coarser until a list can name the groups.
function findPlaces() {
  let found = [];
  for (const width of [0.1, 0.2, 0.4, 0.8, 1.6]) {
    const columns = Math.round(360 / width);
    const squares = new Map();
    for (const cell of cells) {
      const key = Math.floor(cell.y * columns) * columns + (((Math.floor(cell.x * columns) % columns) + columns) % columns);
      if (!squares.has(key)) squares.set(key, []);
      squares.get(key).push(cell);
    }
    const left = new Set(squares.keys());
    found = [];
    for (const start of squares.keys()) {
      if (!left.delete(start)) continue;
      const queue = [start];
      const members = [];
      while (queue.length > 0) {
        const key = queue.pop();
        members.push(...squares.get(key));
        const [row, column] = [Math.floor(key / columns), key % columns];
        for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) {
          const next = (row + dy) * columns + ((column + dx + columns) % columns);
          if (left.delete(next)) queue.push(next);
        }
      }
      found.push(members);
    }
    if (found.length <= 12) break;
  }
  const places = found.map((members) => {
    // A place across the 180th meridian lies in one piece.
    for (const cell of members) {
      const turn = Math.round(members[0].x - cell.x);
      if (turn !== 0) { for (let i = 0; i < cell.points.length; i += 2) cell.points[i] += turn; measure(cell); }
    }
    return { cells: members, ...bounds(members) };
  });
  return places.sort((a, b) => b.cells.length - a.cells.length || a.x0 - b.x0 || a.y0 - b.y0);
}

function bounds(list) {
  const box = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  for (const c of list) {
    box.x0 = Math.min(box.x0, c.x0); box.y0 = Math.min(box.y0, c.y0);
    box.x1 = Math.max(box.x1, c.x1); box.y1 = Math.max(box.y1, c.y1);
  }
  return box;
}
const placeName = (p) => (p.whole ? plural(places.length, "place", "places") : degrees(latitude((p.y0 + p.y1) / 2), 2, "N", "S") + ", " + degrees(longitude((p.x0 + p.x1) / 2), 2, "E", "W"));

const places = findPlaces();
const everywhere = { cells, ...bounds(cells), whole: true };
const placesText = () => (places.length > 1 && big(cells.length) === big(data.cells_total) ? " in " + plural(places.length, "place", "places") : "");
