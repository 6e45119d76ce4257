// Reads a map with the readers that web maps use, and says as JSON what it holds: of each zoom the tiles, the features and what they sum up to.
// node read_map.mjs FOLDER_OF_NODE_MODULES MAP
import { createRequire } from "node:module";
import { openAsBlob } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(folder, "package.json")));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { PMTiles, FileSource, tileIdToZxy, bytesToHeader, readVarint } = await load("pmtiles");
const { VectorTile } = await load("@mapbox/vector-tile");
const pbf = await load("pbf");
const Reader = pbf.PbfReader ?? pbf.default ?? pbf.Pbf;

const blob = await openAsBlob(file);
blob.name = file;
const archive = new PMTiles(new FileSource(blob));
const header = await archive.getHeader();

// Every entry of the directories, leaves included.
async function* entries(offset, length) {
  const directory = await archive.cache.getDirectory(archive.source, offset, length, header);
  for (const entry of directory) {
    if (entry.runLength === 0) {
      yield* entries(header.leafDirectoryOffset + entry.offset, entry.length);
    } else {
      for (let run = 0; run < entry.runLength; run++) yield entry.tileId + run;
    }
  }
}

function twiceArea(ring) {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [a, b] = [ring[i], ring[(i + 1) % ring.length]];
    sum += a.x * b.y - b.x * a.y;
  }
  return sum;
}

const zooms = {};
const images = [];
const faults = [];
let tiles = 0;
let largest = 0;
let before = -1;
for await (const id of entries(header.rootDirectoryOffset, header.rootDirectoryLength)) {
  if (id <= before) faults.push(`tile ${id} stands after ${before}`);
  before = id;
  tiles += 1;
  const [z, x, y] = tileIdToZxy(id);
  const got = await archive.getZxy(z, x, y);
  const tile = new VectorTile(new Reader(new Uint8Array(got.data)));
  const zoom = (zooms[z] ??= { tiles: 0, features: new Map(), parts: 0, images: 0 });
  zoom.tiles += 1;
  const coverage = tile.layers.coverage;
  const seen = new Set();
  for (let i = 0; i < (coverage?.length ?? 0); i++) {
    const feature = coverage.feature(i);
    const p = feature.properties;
    zoom.parts += 1;
    if (feature.type !== 3) faults.push(`${z}/${x}/${y} ${p.cell}: of type ${feature.type}`);
    if (seen.has(p.cell)) faults.push(`${z}/${x}/${y}: ${p.cell} twice`);
    seen.add(p.cell);
    if (!Number.isSafeInteger(feature.id)) faults.push(`${p.cell} has number ${feature.id}`);
    const rings = feature.loadGeometry();
    if (rings.length === 0) faults.push(`${z}/${x}/${y}: ${p.cell} has no ring`);
    for (const ring of rings) {
      if (twiceArea(ring) <= 0) faults.push(`${z}/${x}/${y}: ${p.cell} has a ring that turns the wrong way`);
      for (const { x: px, y: py } of ring) {
        if (Math.min(px, py) < -64 || Math.max(px, py) > 4160) faults.push(`${z}/${x}/${y}: ${p.cell} leaves its tile`);
      }
    }
    const known = zoom.features.get(feature.id);
    if (known && JSON.stringify(known) !== JSON.stringify(p)) faults.push(`${p.cell} differs between tiles`);
    zoom.features.set(feature.id, p);
  }
  largest = Math.max(largest, coverage?.length ?? 0);
  const photos = tile.layers.images;
  for (let i = 0; i < (photos?.length ?? 0); i++) {
    const feature = photos.feature(i);
    const [lon, lat] = feature.toGeoJSON(x, y, z).geometry.coordinates;
    images.push({ ...feature.properties, lon, lat });
    zoom.images += 1;
  }
}

const sum = (features, of) => features.reduce((total, p) => total + p[of], 0);
const said = {};
for (const [z, zoom] of Object.entries(zooms)) {
  const features = [...zoom.features.values()];
  const resolutions = [...new Set(features.map((p) => p.resolution))];
  said[z] = {
    tiles: zoom.tiles,
    parts: zoom.parts,
    features: features.length,
    cells_named: new Set(features.map((p) => p.cell)).size,
    images: zoom.images,
    resolutions,
    cells: sum(features, "cells"),
    passes: sum(features, "passes"),
    images_counted: sum(features, "images"),
    reward: sum(features, "reward"),
  };
}
const last = [...(zooms[header.maxZoom]?.features.values() ?? [])].sort((a, b) => (a.cell < b.cell ? -1 : 1));
images.sort((a, b) => (a.image_id < b.image_id ? -1 : 1));
const metadata = await archive.getMetadata();
console.log(JSON.stringify({ header, metadata, tiles, largest, zooms: said, last, images, faults: faults.slice(0, 20) }));
