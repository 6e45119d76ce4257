// Packs the files of an epoch with npm's `ipfs-car`, and reads an archive of them with `@ipld/car`. It is copied to beside the
// packages, which are modules only.
// node read_car.mjs CAR FOLDER FILE...; prints the roots of both, how many blocks they have and what is wrong.
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { CarBlockIterator } from "@ipld/car";
import { createDirectoryEncoderStream } from "ipfs-car";
import { exporter } from "ipfs-unixfs-exporter";

const [archive, folder, ...paths] = process.argv.slice(2);
const faults = [];
const files = paths.map((name) => ({
  name,
  stream: () => Readable.toWeb(createReadStream(`${folder}/${name}`)),
}));
let packed;
const theirs = new Set();
await createDirectoryEncoderStream(files).pipeTo(
  new WritableStream({ write: (block) => { packed = String(block.cid); theirs.add(packed); } }),
);

const reader = await CarBlockIterator.fromIterable(createReadStream(archive));
const roots = (await reader.getRoots()).map(String);
const blocks = new Map();
for await (const { cid, bytes } of reader) {
  const hash = createHash("sha256").update(bytes).digest();
  if (cid.version !== 1 || Buffer.compare(hash, cid.multihash.digest)) faults.push(`${cid} is not the hash of its block`);
  if (blocks.has(String(cid))) faults.push(`${cid} is there twice`);
  if (!theirs.has(String(cid))) faults.push(`${cid} is none of theirs`);
  blocks.set(String(cid), bytes);
}
const first = [...blocks.keys()][0];
if (first !== roots[0]) faults.push(`the first block is ${first}`);

// Every file comes out of the archive as it went in.
const store = { get: (cid) => blocks.get(String(cid)) };
for (const path of paths) {
  const entry = await exporter(`${roots[0]}/${path}`, store);
  const hash = createHash("sha256");
  for await (const chunk of entry.content()) hash.update(chunk);
  const wanted = createHash("sha256").update(readFileSync(`${folder}/${path}`)).digest("hex");
  if (hash.digest("hex") !== wanted) faults.push(`${path} is another file`);
}
console.log(JSON.stringify({ roots, packed, blocks: blocks.size, theirs: theirs.size, faults }));
