// Everything but the map.

const counted = (table, verdict) => sum(data.verdicts.filter((v) => v.table === table && v.verdict === verdict).map((v) => v.count));
const meanings = new Map(data.verdicts.map((v) => [v.reason, v.meaning]));
const verdictOf = new Map(data.verdicts.map((v) => [v.reason, v.verdict]));
const paid = sum(data.rewards.map((r) => r.reward));
const poolAddsUp = paid + big(data.unallocated) === big(data.pool);

function drawTruth() {
  const kept = counted("objects", "kept");
  const duplicates = counted("objects", "duplicate");
  const rejected = counted("objects", "rejected");
  const objectsAddUp = kept + duplicates + rejected === big(data.objects);
  const cells = big(data.cells_total);
  const rewarded = data.rewards.filter((r) => big(r.reward) > 0n).length;
  const say = (...parts) => $("truth").append(...parts);
  if (big(data.objects) === 0n) {
    say("No object was read in this epoch. ");
  } else {
    say("Of ", strong(plural(data.objects, "object", "objects")), " read (", el("span", { title: int(data.bytes) + " bytes" }, size(data.bytes)), "), ",
      strong(int(kept)), kept === 1n ? " was kept, " : " were kept, ", strong(int(duplicates)), duplicates === 1n ? " is a duplicate and " : " are duplicates and ",
      strong(int(rejected)), rejected === 1n ? " was rejected. " : " were rejected. ");
  }
  if (cells === 0n) say("No cell is covered. ");
  else say("The map covers ", strong(plural(cells, "cell", "cells")), placesText(), ". ");
  if (big(data.pool) === 0n) {
    say("There was no pool to pay from. ");
  } else if (rewarded === 0) {
    say("Nothing of the pool of ", strong(int(data.pool)), " is owed to anyone; ", strong(int(data.unallocated)), " stays unallocated. ");
  } else {
    say("Of a pool of ", strong(int(data.pool)), ", ", strong(int(paid)), " is owed to ", strong(plural(rewarded, "contributor", "contributors")), " and ",
      strong(int(data.unallocated)), " stays unallocated. ");
  }
  if (objectsAddUp && poolAddsUp) {
    say("The sums add up.");
  } else {
    $("truth").after(el("p", { class: "warning", role: "alert" },
      objectsAddUp ? "" : "The verdicts of the objects add up to " + int(kept + duplicates + rejected) + ", not to " + int(data.objects) + ". ",
      poolAddsUp ? "" : "Rewards and unallocated units add up to " + int(paid + big(data.unallocated)) + ", not to the pool of " + int(data.pool) + "."));
  }
  if (big(data.objects) > 0n) {
    $("shares").append(...proportions(
      [["kept", "kept", kept], ["duplicate", "duplicates", duplicates], ["rejected", "rejected", rejected]], "Verdicts of the objects"));
  }
}

function drawRewards() {
  const rows = data.rewards;
  if (rows.length === 0) {
    $("rewards-intro").append("Nobody earned a reward in this epoch.",
      big(data.pool) === 0n ? "" : " The whole pool of " + int(data.pool) + " stays unallocated.");
    return;
  }
  $("rewards-intro").append("Credit is earned for what a pass added to the map, in millionths of a credit. The pool is divided by credit in whole units: ",
    "every share is rounded down, and the units left over go to the largest remainders.");
  const most = Math.max(1, ...rows.map((r) => r.weight_ppm));
  const number = (key, label, title) => ({ label, title, num: true, key: (r) => big(r[key]), cell: (r) => int(r[key]) });
  const total = (key) => el("td", { class: "num" }, int(sum(rows.map((r) => r[key]))));
  const line = (kind, label, value, after) => el("tr", { class: kind }, el("th", { scope: "row" }, label), el("td", { class: "num" }, int(value)), after);
  // Corrections lie outside of the pool (R7): their columns are there where there is anything in them.
  const corrected = rows.some((r) => big(r.corrected) !== 0n) ? ["corrected", "claim", "debt"] : [];
  if (corrected.length > 0) {
    $("rewards-intro").append(" Corrections of earlier epochs, and what those left owing, lie outside of the pool: the claim is the reward with them, or 0, and what is below 0 carries over.");
  }
  const blank = (width) => el("td", { colspan: width });
  const foot = el("tfoot", {},
    line("", "Sum of the rewards", paid, [...corrected.map(total), el("td"), ...["credit", "cells", "passes", "objects", "kept", "duplicates", "rejected"].map(total)]),
    line("light", "Unallocated", data.unallocated, [blank(8 + corrected.length)]),
    line("sum", "Pool", data.pool, [el("td", { colspan: 8 + corrected.length }, poolAddsUp ? "adds up exactly" : el("span", { class: "warning" }, "does not add up"))]));
  $("rewards").append(table({
    kind: "rewards", caption: "Rewards by contributor, in units of the pool", rows, foot, step: 100, sort: [1, true], what: "contributor",
    columns: [
      { label: "Contributor", head: true, class: "name", key: (r) => r.contributor, cell: (r) => name(r.contributor) },
      number("reward", "Reward"),
      ...(corrected.length === 0 ? [] : [number("corrected", "Corrected", "Adjustments, and what earlier epochs left owing"), number("claim", "Claim"), number("debt", "Left owing")]),
      { label: "Share of credit", class: "share", num: false, key: (r) => r.weight_ppm,
        cell: (r) => el("div", { title: ppmTitle(r.weight_ppm) }, el("span", {}, percent(r.weight_ppm)), el("span", { "aria-hidden": "true" }, el("i", { "width%": (r.weight_ppm / most) * 100 }))) },
      number("credit", "Credit", "Millionths of a credit"),
      number("cells", "Cells", "Cells with credit; a cell counts for each contributor who earned in it"),
      number("passes", "Passes"), number("objects", "Objects"), number("kept", "Kept"),
      number("duplicates", "Duplicates"), number("rejected", "Rejected"),
    ],
  }));
}

const TABLES = {
  objects: "Every stored object that was read: photos and traces.",
  images: "Every picture in those objects.",
  fixes: "Every position in the traces.",
  passes: "A pass is one contributor\u2019s stay in one cell within one drive or walk.",
};

function drawReasons() {
  const groups = new Map();
  for (const v of data.verdicts) groups.set(v.table, [...(groups.get(v.table) || []), v]);
  if (groups.size === 0) $("reasons").append(el("p", {}, "There was nothing to judge."));
  for (const [group, rows] of groups) {
    const whole = sum(rows.map((v) => v.count));
    const by = (verdict) => sum(rows.filter((v) => v.verdict === verdict).map((v) => v.count));
    $("reasons").append(
      el("h3", {}, name(group.charAt(0).toUpperCase() + group.slice(1))),
      el("p", { class: "quiet" }, Object.hasOwn(TABLES, group) ? TABLES[group] : ""),
      ...proportions([["kept", "kept", by("kept")], ["duplicate", "duplicates", by("duplicate")], ["rejected", "rejected", by("rejected")]], "Verdicts of " + group),
      table({
        rows, kind: "rows", plain: true, caption: "Verdicts and reasons of " + group, step: 100, what: "reason",
        foot: el("tfoot", {}, el("tr", {}, el("th", { scope: "row", colspan: 3 }, "All " + group), el("td", { class: "num" }, int(whole)), el("td"))),
        columns: [
          { label: "Verdict", key: (v) => v.verdict, cell: (v) => [el("span", { class: "swatch " + (["kept", "duplicate", "rejected"].includes(v.verdict) ? v.verdict : ""), "aria-hidden": "true" }), v.verdict] },
          { label: "Reason", head: true, key: (v) => v.reason, cell: (v) => (v.reason === "kept" || v.reason === "" ? "" : code(v.reason)) },
          { label: "Meaning", class: "why", cell: (v) => v.meaning || (v.verdict === "kept" ? "No clause fired: it counts." : "") },
          { label: "Count", num: true, key: (v) => big(v.count), cell: (v) => int(v.count) },
          { label: "Part", num: true, cell: (v) => ppmText(ratio(v.count, whole)) },
        ],
      }));
  }
}

/// A measured value in a unit that people read, by the clause that measured it.
function inUnits(reason, value, threshold) {
  const n = Number(value);
  const clause = reason.split("-")[0];
  if (clause === "O1") return size(value);
  if (clause === "O4") return (n / 1e6).toFixed(1) + "\u00a0MP";
  if (["D3", "D4", "D5"].includes(clause)) return plural(value, "bit", "bits");
  if (clause === "I1") return (n / 1000).toFixed(1) + "\u00a0s";
  if (clause === "I2") return (n / 1e7).toFixed(7) + "\u00b0";
  if (clause === "I4") return Math.abs(n) >= 864e5 ? (n / 864e5).toFixed(1) + "\u00a0days" : (n / 1000).toFixed(1) + "\u00a0s";
  if (clause === "I5") return (n / 1000).toFixed(1) + "\u00a0m";
  // I6 measures grey levels in thousandths, which end at 255,000, or parts per million.
  if (clause === "I6") return reason === "I6-blurred" || Number(threshold) > 255000 ? percent(n) : "grey " + (n / 1000).toFixed(1);
  if (clause.startsWith("F")) return plural(value, "fix", "fixes");
  return int(value);
}

function drawFindings() {
  const rows = data.findings;
  const all = big(data.findings_total);
  if (rows.length === 0 && all === 0n) {
    $("findings-intro").append(big(data.objects) === 0n ? "There was no object to judge." : "Every object was kept.");
    return;
  }
  $("findings-intro").append(plural(all, "object was", "objects were").replace("\u00a0", " "), " not kept. Each says what was measured against which limit, and a duplicate names the earlier record that it repeats.");
  if (big(rows.length) < all) {
    $("findings-intro").append(" This page holds the first ", strong(int(rows.length)), " of them; ", mono("objects.parquet"), " beside it has them all.");
  }
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const fill = (select, every, values, label) => {
    const counts = new Map();
    for (const v of values) counts.set(v, (counts.get(v) || 0) + 1);
    select.append(el("option", { value: "" }, every),
      ...[...counts.keys()].sort(order).map((v) => el("option", { value: "=" + v }, label(v) + " (" + int(counts.get(v)) + ")")));
  };
  fill($("by-reason"), "every reason", rows.map((f) => f.reason), (v) => v);
  fill($("by-contributor"), "everyone", rows.map((f) => f.contributor), (v) => v);
  const measured = (f) => {
    if (f.measured === null && f.threshold === null) return "";
    const show = (v) => el("span", { title: int(v) }, inUnits(f.reason, v, f.threshold));
    const of = f.reason.startsWith("F");
    return [f.measured === null ? "" : show(f.measured), f.threshold === null ? "" : el("span", { class: "sub" }, of ? "of " : "limit ", show(f.threshold))];
  };
  const list = table({
    kind: "rows", plain: true, caption: "Objects that were not kept", rows, step: 25, what: "object",
    columns: [
      { label: "Object", head: true, class: "path", key: (f) => f.path, cell: (f) => el("bdi", { class: "mono" }, f.path) },
      { label: "Contributor", class: "name", key: (f) => f.contributor, cell: (f) => name(f.contributor) },
      { label: "Why", class: "why", key: (f) => f.reason,
        cell: (f) => [el("span", { class: "swatch " + (verdictOf.get(f.reason) === "duplicate" ? "duplicate" : "rejected"), "aria-hidden": "true" }),
          code(f.reason), el("span", { class: "sub" }, name(f.detail || meanings.get(f.reason) || ""))] },
      { label: "Measured", num: true, cell: measured },
      { label: "Duplicate of", class: "path", cell: (f) => (f.duplicate_of === null ? "" : el("bdi", { class: "mono" }, f.duplicate_of)) },
    ],
  });
  $("findings").append(list);
  const haystack = rows.map((f) => [f.path, f.contributor, f.reason, f.detail, f.duplicate_of || "", meanings.get(f.reason) || ""].join("\n").toLowerCase());
  const apply = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const reason = $("by-reason").value;
    const contributor = $("by-contributor").value;
    const found = rows.filter((f, i) => (reason === "" || "=" + f.reason === reason) && (contributor === "" || "=" + f.contributor === contributor)
      && words.every((w) => haystack[i].includes(w)));
    list.show(found);
    $("found").textContent = found.length === rows.length ? "" : found.length === 0 ? "None matches." : plural(found.length, "matches", "match") + ".";
  };
  $("filters").hidden = false;
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["search", "by-reason", "by-contributor"]) $(id).addEventListener("input", apply);
}

function drawCheck() {
  const facts = [["Results digest", mono(data.results_digest)], ["Policy digest", mono(data.policy_digest)], ["Judged as of", moment(data.as_of)], ["Made by", "Cairn " + data.version]];
  // The epoch stands in a command that people paste: only what a shell takes for a plain word.
  const epoch = /^[A-Za-z0-9._-]+$/.test(data.reward_epoch) ? data.reward_epoch : "EPOCH";
  const folder = "reward_epoch=" + epoch;
  $("check").append(
    el("dl", {}, facts.map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)])),
    el("h3", {}, "Derive the rewards again"),
    el("pre", { tabindex: "0" }, "cairn audit " + folder + "\ncairn explain " + folder + " --contributor ID"),
    el("h3", {}, "Ask the tables"),
    el("p", {}, "They are Parquet files, and open in DuckDB, polars, GeoPandas or QGIS. With DuckDB, in the folder of the epoch:"),
    el("pre", { tabindex: "0" }, "SELECT contributor, reward FROM 'rewards.parquet' ORDER BY reward DESC;\n"
      + "SELECT reason, count(*) FROM 'objects.parquet' GROUP BY reason ORDER BY 2 DESC;\n"
      + "SELECT contributor, sum(reward) FROM 'credits/*/*.parquet' GROUP BY contributor;"));
  if (data.tables.length > 0) {
    $("check").append(el("h3", {}, "Digests of the tables"), table({
      rows: data.tables, caption: "Digests cover the rows in the order of their keys, not the bytes of the files",
      columns: [
        { label: "Table", head: true, cell: (t) => name(t.name) },
        { label: "Rows", num: true, cell: (t) => int(t.rows) },
        { label: "Digest (SHA-256)", cell: (t) => mono(t.digest) },
      ],
    }));
  }
  $("made").append("Made by Cairn " + data.version + ". This page is a view of the published tables and loads nothing from anywhere.");
}

drawTruth();
drawMap();
drawRewards();
drawSpread();
drawQualities();
drawReasons();
drawFindings();
drawCheck();
drawStages();
