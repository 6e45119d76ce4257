use clap::Parser;
use serde_json::{Value, json};

use super::*;
use crate::commands::write_new;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

fn parsed(further: &[&str]) -> Result<Args, clap::Error> {
    let given = ["adjust", "RUN", "--key", "k", "--out", "o"];
    Cli::try_parse_from(given.iter().chain(further)).map(|cli| cli.args)
}

#[test]
fn an_amount_may_be_below_zero_however_it_is_written() {
    for amount in [&["--amount", "-120"][..], &["--amount=-120"]] {
        let further = [&["--contributor", "ada", "--reason", "why"], amount].concat();
        let lines = lines(&parsed(&further).unwrap()).unwrap();
        assert_eq!((lines.len(), lines[0].amount), (1, -120));
    }
    for wrong in [
        &[][..],
        &["--contributor", "ada", "--amount", "1"],
        &["--contributor", "ada", "--reason", "why"],
        &["--amount", "1", "--reason", "why"],
        &[
            "--from",
            "f",
            "--contributor",
            "ada",
            "--amount",
            "1",
            "--reason",
            "why",
        ],
        &[
            "--contributor",
            "ada",
            "--amount",
            "9223372036854775808",
            "--reason",
            "why",
        ],
    ] {
        assert!(parsed(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn many_are_read_from_a_csv_and_faults_say_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.csv");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        csv_lines(&path.to_string_lossy())
    };
    let lines = read("\u{feff}amount, contributor ,note,reason\n-3,ada,x,\"one, two\"\n+4,bob,,y\n").unwrap();
    let found: Vec<_> = lines
        .iter()
        .map(|l| (l.contributor.as_str(), l.amount, l.reason.as_str()))
        .collect();
    assert_eq!(found, [("ada", -3, "one, two"), ("bob", 4, "y")]);
    for (text, parts) in [
        (
            "contributor,amount\nada,1\n",
            ["`reason` is missing", "contributor, amount"],
        ),
        (
            "contributor,amount,reason\nada,1,x\nada,1.5,y\n",
            ["line 3", "`1.5`"],
        ),
        ("contributor,amount,reason\nada,0,x\n", ["line 2", "is 0"]),
        ("contributor,amount,reason\na b,1,x\n", ["line 2", "`a b`"]),
    ] {
        let said = read(text).unwrap_err();
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
}

#[test]
fn json_is_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.json").to_string_lossy().into_owned();
    let corrects = Corrected {
        reward_epoch: "x".into(),
        results_digest: cairn_datasets::digest::Digest::of(b""),
    };
    let line = Line {
        contributor: "ada".into(),
        amount: -1,
        reason: "why".into(),
    };
    let file = Adjustments::unsigned(corrects, vec![line], "key".into());
    write_new(&out, "a signed file", &file).unwrap();
    let read: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(read, json!(file));
    let error = write_new(&out, "a signed file", &file).unwrap_err();
    assert!(error.downcast_ref::<Usage>().is_some(), "{error}");
}
