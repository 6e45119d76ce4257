//! Trees, proofs and what others make of them: OpenZeppelin's library loads the claims, `cairn verify` needs nothing but proof and
//! root, and an auditor in Python who shares no code comes to the same roots and rewards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_tests::Published;
use serde_json::Value as Json;

use crate::fixtures::{DEMO, NETWORK, PAID, SMALL, cairn, scratch};
use crate::map::{READERS, succeed};
use crate::python::{self, python};

fn json(path: &Path) -> Json {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn root(run: &Published, tree: &str) -> String {
    run.manifest["trees"][tree]["root"].as_str().unwrap().to_owned()
}

/// A proof in a file.
fn prove(run: &Published, of: [&str; 2], into: PathBuf) -> PathBuf {
    let said = cairn().succeed(&["prove", &run.arg(), of[0], of[1]]);
    std::fs::write(&into, said).unwrap();
    into
}

#[test]
fn policy_r7_claims_are_those_of_openzeppelin_and_none_is_lost() {
    let run = &PAID.published;
    let rewards = run.table("rewards");
    let claims: BTreeMap<&str, i128> = (0..rewards.rows())
        .map(|row| (rewards.text("contributor", row), rewards.int("claim", row)))
        .collect();
    let unclaimed = json(&run.folder.join("unclaimed.json"));
    let listed: i128 = unclaimed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["claim"].as_str().unwrap().parse::<i128>().unwrap())
        .sum();
    let tree = &run.manifest["trees"]["claims"];
    let held: i128 = tree["amount"].as_str().unwrap().parse().unwrap();
    assert_eq!(held + listed, claims.values().sum::<i128>());
    assert!(held > 0 && listed > 0);

    let scratch = scratch();
    let mut proofs = Vec::new();
    for (who, claim) in &claims {
        let row = rewards.find("contributor", who);
        let address = rewards.text("payout_address", row).to_owned();
        if *claim > 0 && address.starts_with("0x") {
            let proof = prove(run, ["--contributor", who], scratch.join(&format!("{who}.json")));
            assert!(
                json(&proof)["address"]
                    .as_str()
                    .unwrap()
                    .eq_ignore_ascii_case(&address)
            );
            let verify = ["verify", &proof.to_string_lossy(), "--root", &root(run, "claims")];
            assert!(cairn().succeed(&verify).starts_with("Yes: 0x"));
            let other = format!("0x{}", "5".repeat(64));
            let ran = cairn().run(&["verify", &proof.to_string_lossy(), "--root", &other]);
            assert_eq!(ran.code, Some(3), "{ran}");
            proofs.push(proof);
        } else {
            let ran = cairn().run(&["prove", &run.arg(), "--contributor", who]);
            ran.failed_saying(2, &["--contributor", who]);
        }
    }
    assert!(proofs.len() > 2);
    let Some(readers) = READERS.as_ref() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/claims.mjs");
    let mut command = Command::new("node");
    command
        .arg(script)
        .arg(readers)
        .arg(run.folder.join("claims.json"));
    let said: Json = serde_json::from_slice(&succeed(command.args(&proofs))).unwrap();
    assert_eq!(said["faults"], serde_json::json!([]));
    assert_eq!(said["root"], tree["root"]);
    assert_eq!(said["leaves"], tree["leaves"]);
    assert_eq!(said["amount"], tree["amount"]);
    let three = "0xac2deae748d3e6cffc8eb07aeb4c751b21cd085018623a2e62c48fcc7aec6bf0";
    assert_eq!(said["three"], three, "the root that ours is tested against");
}

#[test]
fn a_verdict_or_its_absence_is_proved_without_the_epoch() {
    let run = &SMALL.published;
    let (objects, scratch, root) = (run.table("objects"), scratch(), root(run, "dispositions"));
    for row in [0, objects.rows() / 2, objects.rows() - 1] {
        let path = objects.text("path", row);
        let proof = prove(run, ["--object", path], scratch.join("proof.json"));
        let verify = ["verify", &proof.to_string_lossy(), "--root", &root];
        let said = cairn().succeed(&verify);
        assert!(
            said.contains(path) && said.contains(objects.text("verdict", row)),
            "{said}"
        );
        // Nothing else of the epoch is in it than what an explanation of the verdict needs.
        let text = std::fs::read_to_string(&proof).unwrap();
        let original = json(&proof)["disposition"]["duplicate_of"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut others = (0..objects.rows())
            .map(|row| objects.text("path", row))
            .filter(|other| *other != path && *other != original);
        assert!(
            others.all(|other| !text.contains(&format!("\"{other}\""))),
            "{text}"
        );
        for (from, to) in [
            ("\"rejected\"", "\"kept\""),
            ("\"kept\"", "\"rejected\""),
            ("\"index\": ", "\"index\": 1"),
        ] {
            if !text.contains(from) {
                continue;
            }
            std::fs::write(&proof, text.replace(from, to)).unwrap();
            let ran = cairn().run(&verify);
            assert_eq!(ran.code, Some(3), "{from}: {ran}");
            assert!(ran.stdout.starts_with("No: "), "{ran}");
        }
    }
    let proof = prove(run, ["--object", "never/sent.jpg"], scratch.join("absent.json"));
    let verify = ["verify", &proof.to_string_lossy(), "--root", &root];
    assert!(cairn().succeed(&verify).contains("no object `never/sent.jpg`"));
    let there = std::fs::read_to_string(&proof).unwrap();
    std::fs::write(&proof, there.replace("never/sent.jpg", objects.text("path", 0))).unwrap();
    assert_eq!(cairn().run(&verify).code, Some(3));
    for (text, says) in [("{}", "is no proof"), ("", "is no proof")] {
        std::fs::write(&proof, text).unwrap();
        cairn().run(&verify).failed_saying(2, &[says]);
    }
}

/// An address that is none is an operator's mistake, and is told before anything is read.
#[test]
fn a_payout_address_with_a_wrong_digit_is_refused_by_its_line() {
    let scratch = scratch();
    cairn_tests::copy_folder(&SMALL.source, &scratch.join("source"));
    let lines = "contributor,payout_address\nann,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD\n";
    scratch.write("source/contributors.csv", lines);
    let ran = cairn().run(&[
        "run",
        "--source",
        &scratch.arg("source"),
        "--out",
        &scratch.arg("out"),
    ]);
    ran.failed_saying(
        1,
        &[
            "contributors.csv",
            "line 2",
            "checksum",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ],
    );
}

/// An auditor who shares no code with this program, and has the published files and the policy's text.
#[test]
fn a_second_opinion_comes_to_the_same() {
    let Some(python) = python() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("second_opinion.py");
    let _ = python::succeed(Command::new(&python).arg(&script).arg("--self-test"));
    let network = NETWORK.as_ref().map(|world| &world.published);
    for run in [&PAID.published, &DEMO.published].into_iter().chain(network) {
        let said = python::succeed(Command::new(&python).arg(&script).arg(&run.folder));
        assert!(!said.contains("DIFFERS") && said.contains("ok"), "{said}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story from the objection to its answer")]
fn a_dispute_is_bound_to_its_verdict_and_answered_in_the_ledger() {
    let scratch = scratch();
    let out = scratch.join("out");
    let day = |from: u32, further: &[&str]| {
        let epoch = format!("2026-05-{from}/2026-05-{}", from + 1);
        let args = [&["--epoch", &epoch], further].concat();
        let printed = cairn().publish(&SMALL.source, &out, &args);
        let name = printed["reward_epoch"].as_str().unwrap().to_owned();
        Published::at(&out.join(format!("reward_epoch={name}")))
    };
    let first = day(13, &[]);
    let objects = first.table("objects");
    let rejected = (0..objects.rows())
        .find(|row| objects.text("verdict", *row) != "kept")
        .unwrap();
    let (path, who) = (
        objects.text("path", rejected),
        objects.text("contributor", rejected),
    );
    scratch.write("receipt.txt", "the camera was repaired on the 12th");
    let (file, receipt) = (scratch.arg("dispute.json"), scratch.arg("receipt.txt"));
    let new = |object: &str, out: &str| {
        let args = [
            "dispute",
            "new",
            &first.arg(),
            "--object",
            object,
            "--reason",
            "it is no copy",
            "--evidence",
            &receipt,
            "--out",
            out,
        ];
        cairn().run(&args)
    };
    let said = new(path, &file);
    assert_eq!(said.code, Some(0), "{said}");
    assert!(
        said.stdout.contains(who) && said.stdout.contains(objects.text("reason", rejected)),
        "{said}"
    );
    new(path, &file).failed_saying(2, &["is there already"]);
    new("never/sent.jpg", &scratch.arg("other.json")).failed_saying(2, &["never/sent.jpg", "--contributor"]);

    let out_arg = out.to_string_lossy().into_owned();
    let check = |file: &str, evidence: &str| {
        cairn().run(&[
            "dispute",
            "check",
            file,
            "--run",
            &out_arg,
            "--evidence",
            evidence,
            "--json",
        ])
    };
    let open = check(&file, &receipt);
    assert_eq!(open.code, Some(0), "{open}");
    let open: Json = serde_json::from_str(&open.stdout).unwrap();
    assert_eq!(
        (&open["answers"], &open["evidence_seen"]),
        (&serde_json::json!([]), &serde_json::json!(["receipt.txt"]))
    );

    scratch.write("receipt2.txt", "something else");
    assert_eq!(check(&file, &scratch.arg("receipt2.txt")).code, Some(3));
    let text = std::fs::read_to_string(&file).unwrap();
    scratch.write(
        "moved.json",
        text.replace(&format!("\"object\": \"{path}\""), "\"object\": \"other.jpg\""),
    );
    let moved = check(&scratch.arg("moved.json"), &receipt);
    assert!(
        moved.code == Some(3) && moved.stdout.contains("other.jpg"),
        "{moved}"
    );

    let key = scratch.arg("operator.pem");
    let public = cairn().succeed(&["keys", "generate", "--out", &key]);
    let adjustments = scratch.arg("adjustments.json");
    let adjust = |contributor: &str| {
        let args = [
            "adjust",
            &first.arg(),
            "--contributor",
            contributor,
            "--amount",
            "12",
            "--reason",
            "the repair is proved",
            "--dispute",
            &file,
            "--key",
            &key,
            "--out",
            &adjustments,
        ];
        cairn().run(&args)
    };
    adjust("nobody-else").failed_saying(2, &["--dispute", "nobody-else"]);
    assert_eq!(adjust(who).code, Some(0));
    let second = day(
        14,
        &[
            "--previous",
            &first.arg(),
            "--adjustments",
            &adjustments,
            "--operator",
            public.trim(),
        ],
    );
    let ledger = second.table("adjustments");
    let name = open["dispute"].as_str().unwrap();
    assert!(
        ledger.text("reason", 0).starts_with(&format!("dispute {name}: ")),
        "the ledger shows both"
    );
    let closed: Json = serde_json::from_str(&check(&file, &receipt).stdout).unwrap();
    assert_eq!(closed["answers"][0]["amount"], 12);
    assert_eq!(
        closed["answers"][0]["reward_epoch"],
        second.manifest["reward_epoch"]
    );
    let said = cairn().succeed(&["audit", &second.arg()]);
    assert!(said.contains("Yes:"), "{said}");
}
