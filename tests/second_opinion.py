"""A second opinion on a published epoch: works it out again from its tables, by the text of POLICY.md.

Usage: second_opinion.py RUN [PREVIOUS ...]   or   second_opinion.py --self-test

RUN is the folder of an epoch. The earlier epochs that it started from are looked for beside it and among the folders
PREVIOUS. It needs Python 3.11 and pyarrow, shares no code with the program that published, and calculates in integers only.
It prints a line for each check, `ok` or `DIFFERS table key column published recomputed`, of each table for the first row by
its key. Exit code 0: all is as it should be; 3: something differs; 2: it cannot say.

It checks the digests of policy, results, files and rows, and works out again: slot, standing and gain of each pass (C1, R1,
R2), its credit (R3, R4 in every mode), standing, coverage (C2 to C5), credits with line items (R6), rewards with debts and
claims (R5, R7), both Merkle trees and the files of claims.

It takes as published what precedes the count: which objects, images and passes are kept, and their quality, integrity and
places (O to P, E); demand and region, where the manifest names any; payout addresses; that adjustments are signed and new;
the manifest's counts of verdicts. `cairn audit` checks the last two, and with the uploads all of it.
"""

import functools
import hashlib
import json
import operator
import struct
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow.parquet

ONE = 1_000_000  # the whole, in parts per million
KEYS = {"objects": "path", "images": "cell image_id", "passes": "cell pass_id", "coverage": "cell", "standing": "cell slot"}
KEYS |= {"credits": "cell contributor", "rewards": "contributor", "adjustments": "contributor file line"}
differences = []
captured = operator.itemgetter("end_at", "pass_id")  # the order of capture


def ok(table, what):
    print(f"ok   {table}: {what}")


def differs(table, key, column, published, recomputed):
    differences.append(table)
    parts = [f"{part:x}" if isinstance(part, int) and part >> 59 else str(part) for part in key]  # a cell in hexadecimal
    print("DIFFERS", table, "/".join(parts), column, published, recomputed)


def cannot_say(what):
    print(f"cannot say: {what}", file=sys.stderr)
    sys.exit(3 if differences else 2)


def expect(table, name, published, recomputed, what):
    """Holds one value against the same worked out again."""
    ok(table, what) if published == recomputed else differs(table, [name], "value", published, recomputed)


def compare(table, published, recomputed, what=""):
    """Holds the rows of a table against the same worked out again, in all columns that were."""
    theirs, ours = ({tuple(row[name] for name in KEYS[table].split()): row for row in rows} for rows in (published, recomputed))
    for key in sorted(theirs.keys() | ours.keys()):
        if key not in theirs or key not in ours:
            return differs(table, key, "row", *("there" if key in rows else "none" for rows in (theirs, ours)))
        for name in theirs[key]:
            if theirs[key][name] != ours[key].get(name, theirs[key][name]):
                return differs(table, key, name, theirs[key][name], ours[key][name])
    ok(table, f"{len(theirs):,} rows worked out again{what}")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def sized(data):
    """Some bytes with their length before them, so that no two lists of them read the same."""
    return struct.pack("<Q", len(data)) + data


def json_digest(value):
    """SHA-256 of canonical JSON: sorted keys, no white space, UTF-8."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hex()


# By Arrow type its name in a table's digest, and the bytes of a value in a row's: 1 and the value. A null is a 0.
ENCODINGS = {
    pyarrow.string(): ("Utf8", lambda value: b"\1" + sized(value.encode())),
    pyarrow.bool_(): ("Boolean", functools.partial(struct.pack, "<B?", 1)),
    pyarrow.int32(): ("Int32", functools.partial(struct.pack, "<Bi", 1)),
    pyarrow.uint32(): ("UInt32", functools.partial(struct.pack, "<BI", 1)),
    pyarrow.int64(): ("Int64", functools.partial(struct.pack, "<Bq", 1)),
    pyarrow.uint64(): ("UInt64", functools.partial(struct.pack, "<BQ", 1)),
    pyarrow.timestamp("ms", "UTC"): ('Timestamp(ms, "UTC")', functools.partial(struct.pack, "<Bq", 1)),
}


def read_table(run, table):
    """The rows of a table, with times in ms. Files, digest and order are checked on the way."""
    record, known = run["tables"][table], len(differences)
    rows, digests, schema = [], [], []
    for file in record["files"]:
        data = (run["folder"] / file["path"]).read_bytes()
        if sha256(data).hex() != file["sha256"]:
            differs(table, [file["path"]], "sha256", file["sha256"], sha256(data).hex())
        data = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data)).read()
        if data.num_rows != file["rows"]:
            differs(table, [file["path"]], "rows", file["rows"], data.num_rows)
        data = data.drop_columns([name for name in ("geometry", "bbox") if name in data.column_names])  # in no digest
        schema = [text for field in data.schema for text in (field.name, ENCODINGS[field.type][0])]
        columns, encoded = [], []
        for field, column in zip(data.schema, data.columns):
            is_time, encode = pyarrow.types.is_timestamp(field.type), ENCODINGS[field.type][1]
            columns.append((column.cast(pyarrow.int64()) if is_time else column).to_pylist())
            encoded.append([b"\0" if value is None else encode(value) for value in columns[-1]])
        rows += [dict(zip(data.column_names, values)) for values in zip(*columns)]
        digests += [sha256(*values) for values in zip(*encoded)]
    keys = [[(row[name] is not None, row[name]) for name in KEYS[table].split()] for row in rows]
    if misplaced := [key for before, key in zip(keys, keys[1:]) if key <= before]:
        differs(table, [value for _, value in misplaced[0]], "order", "at or below the row before", "above it")
    digest = sha256(*(sized(text.encode()) for text in [table, *schema]), *digests).hex()
    found = [len(rows), digest if schema else record["digest"]]  # without a file nothing says which columns there are
    if found != [record["rows"], record["digest"]]:
        differs(table, ["manifest"], "digest", [record["rows"], record["digest"]], found)
    if len(differences) == known:
        ok(table, f"{len(rows):,} rows of {run['reward_epoch']} by their files, digest and order")
    return rows


def open_run(folder):
    """The manifest of a run, with its folder."""
    run = json.loads((folder / "manifest.json").read_bytes()) | {"folder": folder}
    return run if run["version"] == 1 else cannot_say(f"{folder}: its version is {run['version']}, and this reads 1")


def check_manifest(run):
    """Policy and results have the digests that the manifest gives."""
    expect("manifest", "policy", run["policy"]["digest"], json_digest(run["policy"]["resolved"]), "digest of the policy")
    results = {name: run[name] for name in ("version", "reward_epoch", "inputs", "verdicts", "pool", "unallocated")}
    tables = {name: [table["rows"], table["digest"]] for name, table in run["tables"].items()}
    results |= {"policy": run["policy"]["digest"], "tables": tables, "private": run.get("private", {"images": 0, "fixes": 0})}
    expect("manifest", "results", run["results_digest"], json_digest(results), f"digest of results, {run['reward_epoch']}")


def milliseconds(text):
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)


def time_text(time):
    text = (datetime(1970, 1, 1) + timedelta(milliseconds=time or 0)).isoformat(timespec="milliseconds")
    return None if time is None else text[:19] + text[19:].rstrip("0").rstrip(".") + "Z"


def inherit(run, folders):
    """Of each cell the slots as the latest epoch of the history that has any left them (R2), and open debts (R7)."""
    beside = [path.parent for path in run["folder"].resolve().parent.glob("*/manifest.json")]
    known = {past["results_digest"]: past for past in map(open_run, [*beside, *folders])}
    named = run["inputs"]["previous"]
    if missing := [digest for digest in named if digest not in known]:
        cannot_say(f"the run started from epochs that are not beside it; name their folders, too: {' '.join(missing)}")
    history = sorted(named, key=lambda digest: (milliseconds(known[digest]["inputs"]["as_of"]), digest))
    earlier = {of for past in history for of in known[past]["inputs"]["previous"] + known[past]["inputs"].get("before", [])}
    lineage = [named, run["inputs"].get("before", [])]
    expect("manifest", "history", lineage, [history, sorted(earlier - set(named))], f"{len(history)} earlier epochs, in order")
    left, debts = {}, Counter()
    for past in history:
        check_manifest(known[past])
        cells = defaultdict(lambda: [None, None])
        for row in read_table(known[past], "standing"):
            cells[row["cell"]][row["slot"]] = row
        left |= cells
        if past not in earlier:  # a head of the history: no other started from it
            for row in read_table(known[past], "rewards"):
                debts.update({row["contributor"]: row["debt"]} if row["debt"] < 0 else {})
    return left, debts


def ramp(x, a, b):
    """From 0 at a to the whole at b, rising or falling, floored."""
    return min(max((x - a) * ONE // (b - a), 0), ONE)


def one_order(epoch, row):
    """R1: by upload, unknown last; then by a draw; then by path and place in the object. Of a pass its id is the last."""
    draw, uploaded = sha256(sized(epoch.encode()), sized(row["contributor"].encode())), row["uploaded_at"]
    return (uploaded is None, uploaded or 0, draw, row["path"], row["ordinal"], row["pass_id"])


def standing(score, slot, captured_at, uploaded_at):
    """R2: what a slot stands at, for something that was captured and uploaded then."""
    if slot is None:
        return 0
    age = captured_at - slot["captured_at"]
    if uploaded_at is not None and slot["uploaded_at"] is not None:
        age = min(age, uploaded_at - slot["uploaded_at"])
    age = min(max(age, 0), score["fade-ms"])
    return slot["quality_ppm"] - slot["quality_ppm"] * age // score["fade-ms"]


def join(score, slots, standings, heading):
    """C1: the slot that a pass joins. One without a standing is open; one without a heading is as far off as one may be."""
    filled = [at for at in (0, 1) if standings[at] > 0]
    if heading is None:
        return max(filled, key=lambda at: (standings[at], -at), default=0)
    turns = []
    for at in filled:
        apart = (slots[at]["heading_deg"] - heading) % 360 if slots[at]["heading_deg"] is not None else score["slot-deg"]
        turns.append((min(apart, 360 - apart), at))
    if turns and (min(turns)[0] <= score["slot-deg"] or len(turns) == 2):
        return min(turns)[1]
    return 1 if 0 in filled else 0


def walk(policy, passes, left):
    """R2: takes the kept passes of a cell in order, notes in each what it met and added, and gives the slots at the end."""
    score, slots = policy["score"], list(left)
    for row in passes:
        moment = {"captured_at": row["end_at"], "uploaded_at": row["uploaded_at"]}
        standings = [standing(score, slot, **moment) for slot in slots]
        at = join(score, slots, standings, row["heading_deg"])
        met, effective = standings[at], row["quality_ppm"] * row["integrity_ppm"] // ONE
        if effective > met:
            held = slots[at] or {"heading_deg": None, "captured_at": None, "uploaded_at": None}
            heading = held["heading_deg"] if met > 0 and held["heading_deg"] is not None else row["heading_deg"]
            slots[at] = {"heading_deg": heading, "quality_ppm": effective}
            for name, time in moment.items():  # neither moves back
                slots[at][name] = max((of for of in (time, held[name]) if of is not None), default=None)
        if policy["reward"]["mode"] == "shapley":  # what it adds is counted over what the history alone left
            met = standing(score, left[at], **moment)
        row |= {"slot": at, "standing_ppm": met, "gain_ppm": max(0, effective - met), "effective": effective}
    return slots


def worths(mode, passes):
    """R4: what the kept passes of a slot are worth, ppm, by id; who is not named is worth nothing."""
    if mode == "improvement":
        return {row["pass_id"]: row["gain_ppm"] for row in passes}
    measure = {"rank": "effective", "shapley": "gain_ppm"}[mode]
    worth, best = Counter(), {}
    for row in sorted(passes, key=lambda row: (-row[measure], captured(row))):
        best.setdefault(row["contributor"], row)  # of each the best, of equals the one captured first
    best = [best[contributor] for contributor in sorted(best)]
    levels = sorted({row[measure] for row in best})
    if mode == "rank":
        ranks = [ONE, ONE // 2, ONE // 4]
        for level in reversed(levels):
            equals = [row["pass_id"] for row in best if row[measure] == level]
            shared, ranks = sum(ranks[: len(equals)]), ranks[len(equals) :]
            worth |= dict.fromkeys(equals, level * shared // (ONE * len(equals)))
    else:
        for below, level in zip([0, *levels], levels):
            players = [row["pass_id"] for row in best if row[measure] >= level]
            each, left = divmod(level - below, len(players))
            worth.update({player: each + (place < left) for place, player in enumerate(players)})
    return worth


def work_out_passes(run, passes, left):
    """All passes again, and the slots of each cell at the end. A cell has one demand and one region."""
    policy, mode = run["policy"]["resolved"], run["policy"]["resolved"]["reward"]["mode"]
    if mode not in ("improvement", "rank", "shapley"):
        cannot_say(f"the mode {mode} is none that this checks")
    cells, slots = defaultdict(list), {}
    for row in passes:
        first = (cells[row["cell"]] or [row])[0]
        wanted = {f"{name}_ppm": first[f"{name}_ppm"] if run["inputs"][name] else ONE for name in ("demand", "region")}
        cells[row["cell"]].append(row | wanted | {"slot": None, "standing_ppm": 0, "gain_ppm": 0, "credit": 0})
    for cell in cells.keys() | left.keys():
        kept = [row for row in cells[cell] if row["verdict"] == "kept"]
        kept.sort(key=captured if mode == "shapley" else functools.partial(one_order, run["reward_epoch"]))
        slots[cell] = walk(policy, kept, left.get(cell, [None, None]))
        for of_slot in ([row for row in kept if row["slot"] == at] for at in (0, 1)):
            worth = worths(mode, of_slot)
            for row in of_slot:
                row["credit"] = worth[row["pass_id"]] * row["demand_ppm"] * row["region_ppm"] // 10**12
    return [row for rows in cells.values() for row in rows], slots


def work_out_coverage(run, passes, slots, images):
    """C2 to C5, of each cell with a kept pass or a slot that stands at something when the epoch ends."""
    score, end = run["policy"]["resolved"]["score"], milliseconds(run["inputs"]["as_of"])
    kept, pictures, coverage = defaultdict(list), defaultdict(list), []
    for rows, by_cell in ((passes, kept), (images, pictures)):
        for row in (row for row in rows if row["verdict"] == "kept"):
            by_cell[row["cell"]].append(row)
    for cell in slots:
        filled = [value for slot in slots[cell] if (value := standing(score, slot, end, end)) > 0]
        if not filled and not kept[cell]:
            continue
        newest = max((slot["captured_at"] for slot in slots[cell] if slot), default=None)
        best = min(pictures[cell], key=lambda image: (-image["quality_ppm"], image["image_id"]), default={"image_id": None})
        row = {"cell": cell, "directions": len(filled), "newest_captured_at": newest, "best_image": best["image_id"]}
        row |= {"passes": len(kept[cell]), "images": len(pictures[cell])}
        row["contributors"] = len({of["contributor"] for of in kept[cell]})  # of this epoch alone
        row["quality_ppm"] = sum(filled) // max(1, len(filled))
        row["freshness_ppm"] = 0 if newest is None else ramp(end - newest, score["stale-days"] * 86_400_000, 0)
        row["confidence_ppm"] = ramp(row["contributors"], 0, score["confident-contributors"])
        trusted = score["no-confidence-ppm"] + (ONE - score["no-confidence-ppm"]) * row["confidence_ppm"] // ONE
        row["score_ppm"] = row["quality_ppm"] * row["freshness_ppm"] // ONE * trusted // ONE
        coverage.append(row)
    return coverage


def apportion(pool, weights):
    """R5: a pool by weights, to the last unit: what is left goes to the largest remainders, then to the smaller keys."""
    whole = sum(weights.values())
    shares = {key: pool * weight // max(1, whole) for key, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda key: (-(pool * weights[key] % max(1, whole)), key))
    for key in by_remainder[: pool - sum(shares.values()) if whole else 0]:
        shares[key] += 1
    return shares


def work_out_rewards(pool, passes, carried, ledger):
    """R3 and R5 to R7: credits with their line items, and rewards with claims and debts."""
    lines, adjustments, credits, rewards = defaultdict(Counter), Counter(), [], []
    for row in (row for row in passes if row["verdict"] == "kept"):
        lines[row["contributor"]][row["cell"]] += row["credit"]
    for row in ledger:
        adjustments[row["contributor"]] += row["amount"]
    weights = {who: sum(lines[who].values()) for who in {*lines, *carried, *adjustments}}
    whole, paid = sum(weights.values()), apportion(pool, weights)
    for who, credit in weights.items():
        balance = paid[who] + carried[who] + adjustments[who]
        row = {"contributor": who, "credit": credit, "weight_ppm": credit * ONE // max(1, whole), "reward": paid[who]}
        row |= {"carried": carried[who], "adjustment": adjustments[who]}
        rewards.append(row | {"claim": max(0, balance), "debt": min(0, balance)})
        for cell, reward in apportion(paid[who], lines[who]).items():
            row = {"cell": cell, "contributor": who, "credit": lines[who][cell], "reward": reward}
            credits.append(row | {"weight_ppm": row["credit"] * ONE // max(1, credit)})
    return credits, rewards


def merkle_head(leaves):
    """RFC 9162, 2.1.1: the left of two subtrees has the largest power of two below the number of leaves."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1", merkle_head(leaves[:split]), merkle_head(leaves[split:]))


def dispositions_tree(objects):
    """The tree of what became of the objects: a leaf for each, by the digest of its path, over JSON of these columns."""
    names = "path contributor uploaded_at sha256 kind verdict reason detail measured threshold duplicate_of".split()
    said = ({name: time_text(row[name]) if name == "uploaded_at" else row[name] for name in names} for row in objects)
    leaves = sorted((sha256(of["path"].encode()), bytes.fromhex(json_digest(of))) for of in said)
    leaves = [sha256(b"\0", key, value) for key, value in leaves]
    return {"root": sha256(b"\2", struct.pack(">Q", len(leaves)), merkle_head(leaves)).hex(), "leaves": len(leaves)}


def keccak256(data):
    """Keccak of FIPS 202 with the padding of Ethereum, which is older than the standard's."""
    mask, lanes = (1 << 64) - 1, [[0] * 5 for _ in range(5)]
    data += b"\1" + bytes(-(len(data) + 1) % 136)
    data = data[:-1] + bytes([data[-1] | 0x80])
    for block in range(0, len(data), 136):
        for at in range(17):
            lanes[at % 5][at // 5] ^= int.from_bytes(data[block + 8 * at : block + 8 * at + 8], "little")
        register = 1
        for _ in range(24):
            parity = [functools.reduce(operator.xor, column) for column in lanes]
            for x in range(5):
                flip = parity[x - 1] ^ (parity[(x + 1) % 5] << 1 | parity[(x + 1) % 5] >> 63) & mask
                lanes[x] = [lane ^ flip for lane in lanes[x]]
            x, y, lane = 1, 0, lanes[1][0]
            for at in range(24):
                x, y, turn = y, (2 * x + 3 * y) % 5, (at + 1) * (at + 2) // 2 % 64
                lane, lanes[x][y] = lanes[x][y], (lane << turn | lane >> 64 - turn) & mask
            lanes = [[lanes[x][y] ^ ~lanes[(x + 1) % 5][y] & lanes[(x + 2) % 5][y] for y in range(5)] for x in range(5)]
            for bit in range(7):  # the constant of the round, from a shift register
                lanes[0][0] ^= (register & 1) << (1 << bit) - 1
                register = register << 1 ^ 0x171 * (register >> 7)
    return b"".join(lanes[at][0].to_bytes(8, "little") for at in range(4))


def checksummed(address):
    """An address as EIP-55 writes it."""
    digest = keccak256(address[2:].encode()).hex()
    return "0x" + "".join(digit.upper() if nibble > "7" else digit for digit, nibble in zip(address[2:], digest))


def claims_dump(amounts):
    """OpenZeppelin's standard-v1 tree as @openzeppelin/merkle-tree dumps it, of amounts by lower-case address."""
    encoded = {who: bytes.fromhex(who[2:].zfill(64)) + amount.to_bytes(32, "big") for who, amount in sorted(amounts.items())}
    leaves = {who: keccak256(keccak256(data)) for who, data in encoded.items()}
    nodes = [b""] * (len(leaves) - 1) + sorted(leaves.values(), reverse=True)
    for at in reversed(range(len(leaves) - 1)):
        nodes[at] = keccak256(b"".join(sorted(nodes[2 * at + 1 : 2 * at + 3])))
    places = {node: at for at, node in enumerate(nodes)}
    values = [{"value": [checksummed(who), str(amounts[who])], "treeIndex": places[leaves[who]]} for who in leaves]
    tree = ["0x" + node.hex() for node in nodes]
    return {"format": "standard-v1", "leafEncoding": ["address", "uint256"], "tree": tree, "values": values}


def check_trees(run, objects, rewards):
    """Both roots, against the manifest where it has them; and the files of claims, where they are."""
    amounts, unclaimed = Counter(), []
    for row in (row for row in rewards if row["claim"] > 0):
        if (row["payout_address"] or "")[:2].lower() == "0x":
            amounts[row["payout_address"].lower()] += row["claim"]
        else:  # nowhere, or on another chain
            unclaimed.append({name: row[name] for name in ("contributor", "payout_address")} | {"claim": str(row["claim"])})
    dump = claims_dump(amounts) if amounts else None
    claims = dump and {"root": dump["tree"][0], "leaves": len(amounts), "amount": str(sum(amounts.values()))}
    for name, tree in {"claims": claims, "dispositions": dispositions_tree(objects)}.items():
        said = f"root of {name} {tree['root']}, {tree['leaves']:,} leaves" if tree else "nothing to claim by an address"
        expect("trees", name, run["trees"].get(name) if "trees" in run else tree, tree, said)
    if (path := run["folder"] / "claims.json").is_file():  # as JavaScript writes it, to the byte
        text = json.dumps(dump, separators=(",", ":")) + "\n"
        expect("trees", path.name, sha256(path.read_bytes()).hex(), sha256(text.encode()).hex(), path.name)
    if (path := run["folder"] / "unclaimed.json").is_file():
        expect("trees", path.name, json.loads(path.read_bytes()), unclaimed, f"{path.name}, {len(unclaimed):,} claims")


def self_test():
    vector = {"0x" + digit * 40: int(digit) * 10**18 + int(digit) ** 2 for digit in "123"}
    root = "0xac2deae748d3e6cffc8eb07aeb4c751b21cd085018623a2e62c48fcc7aec6bf0"
    expect("self-test", "tree", root, claims_dump(vector)["tree"][0], "root of a rewards tree")
    address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    expect("self-test", "EIP-55", address, checksummed(address.lower()), "checksum of an address")


def audit(run, folders):
    check_manifest(run)
    tables = {table: read_table(run, table) for table in KEYS}
    left, carried = inherit(run, folders)
    passes, slots = work_out_passes(run, tables["passes"], left)
    compare("passes", tables["passes"], passes, f", mode {run['policy']['resolved']['reward']['mode']}")
    standings = [slot | {"cell": cell, "slot": at} for cell in slots for at, slot in enumerate(slots[cell]) if slot]
    compare("standing", tables["standing"], standings)
    compare("coverage", tables["coverage"], work_out_coverage(run, passes, slots, tables["images"]))
    credits, rewards = work_out_rewards(run["pool"], passes, carried, tables["adjustments"])
    compare("credits", tables["credits"], credits, f", {len(rewards):,} contributors")
    compare("rewards", tables["rewards"], rewards, f", {sum(row['claim'] for row in rewards):,} to claim")
    unallocated = run["pool"] - sum(row["reward"] for row in rewards)
    expect("manifest", "unallocated", run["unallocated"], unallocated, f"{unallocated:,} of {run['pool']:,} units unallocated")
    check_trees(run, tables["objects"], tables["rewards"])


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-") and sys.argv[1:] != ["--self-test"]:
        print(__doc__)
        sys.exit(2)
    try:
        self_test() if sys.argv[1] == "--self-test" else audit(open_run(Path(sys.argv[1])), map(Path, sys.argv[2:]))
    except (OSError, ValueError, LookupError, pyarrow.ArrowException) as error:
        cannot_say(f"{type(error).__name__}: {error}")
    sys.exit(3 if differences else 0)


if __name__ == "__main__":
    main()
