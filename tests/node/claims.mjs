// Loads claims.json with OpenZeppelin's library and checks every leaf, and the proofs of `cairn prove`.
// node claims.mjs FOLDER_OF_NODE_MODULES CLAIMS PROOF...
// Prints as JSON the root, how many leaves there are, their sum, the root of three known values, and what is wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, claims, ...proofs] = process.argv.slice(2);
const { StandardMerkleTree } = createRequire(pathToFileURL(join(folder, "package.json")))("@openzeppelin/merkle-tree");

const encoding = ["address", "uint256"];
const faults = [];
const text = readFileSync(claims, "utf8");
const tree = StandardMerkleTree.load(JSON.parse(text));
tree.validate();
const values = [...tree.entries()].map(([, value]) => value);
for (const [index, value] of tree.entries()) {
  const proof = tree.getProof(index);
  if (!StandardMerkleTree.verify(tree.root, encoding, value, proof)) faults.push(`leaf ${index} has no proof`);
}
// The same values give the same file.
const again = StandardMerkleTree.of(values, encoding);
if (`${JSON.stringify(again.dump())}\n` !== text) faults.push("another file comes of the same values");
for (const path of proofs) {
  const proof = JSON.parse(readFileSync(path, "utf8"));
  const value = [proof.address, proof.amount];
  if (proof.root !== tree.root) faults.push(`${path} has another root`);
  if (!StandardMerkleTree.verify(tree.root, encoding, value, proof.path)) faults.push(`${path} does not verify`);
  const index = values.findIndex(([address]) => address === proof.address);
  if (JSON.stringify(tree.getProof(index)) !== JSON.stringify(proof.path)) faults.push(`${path} has another path`);
}
const three = [1, 2, 3].map((n) => [`0x${`${n}${n}`.repeat(20)}`, `${n}00000000000000000${n * n}`]);
console.log(
  JSON.stringify({
    root: tree.root,
    leaves: values.length,
    amount: String(values.reduce((sum, [, amount]) => sum + BigInt(amount), 0n)),
    three: StandardMerkleTree.of(three, encoding).root,
    faults,
  }),
);
