// Loads claims.json with OpenZeppelin's library and checks every leaf, and the proofs of `cairn prove`.
// Usage: claims.mjs READERS CLAIMS [PROOF...]; prints the root, how many leaves there are, and what is wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [readers, claims, ...proofs] = process.argv.slice(2);
const { StandardMerkleTree } = createRequire(`${readers}/`)("@openzeppelin/merkle-tree");

const faults = [];
const text = readFileSync(claims, "utf8");
const tree = StandardMerkleTree.load(JSON.parse(text));
tree.validate();
const encoding = ["address", "uint256"];
let amount = 0n;
for (const [index, value] of tree.entries()) {
  amount += BigInt(value[1]);
  if (!tree.verify(index, tree.getProof(index))) faults.push(`leaf ${index} has no proof`);
}
// The same values give the same file.
const again = StandardMerkleTree.of([...tree.entries()].map(([, value]) => value), encoding);
if (`${JSON.stringify(again.dump())}\n` !== text) faults.push("another dump comes of the same values");
for (const path of proofs) {
  const proof = JSON.parse(readFileSync(path, "utf8"));
  const value = [proof.address, proof.amount];
  if (proof.root !== tree.root) faults.push(`${path} has another root`);
  if (!StandardMerkleTree.verify(tree.root, encoding, value, proof.path)) faults.push(`${path} does not verify`);
  if (JSON.stringify(tree.getProof(value)) !== JSON.stringify(proof.path)) faults.push(`${path} has another path`);
}
const three = [1, 2, 3].map((n) => [`0x${`${n}${n}`.repeat(20)}`, `${n}00000000000000000${n * n}`]);
console.log(JSON.stringify({ root: tree.root, leaves: tree.length, amount: String(amount), three: StandardMerkleTree.of(three, encoding).root, faults }));
