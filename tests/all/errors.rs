//! What is asked wrongly is answered with one line that says the value, the place and what to do; nothing is
//! published, and nothing panics.

use cairn_tests::{Ran, Scratch};

use crate::fixtures::{SMALL, cairn, scratch};

/// A trace of half a minute, good enough to run on.
fn trace() -> String {
    let points = (0..30).fold(String::new(), |points, second| {
        let lat = 55.7 + f64::from(second) * 1e-4;
        let time = format!("2026-05-12T08:00:{second:02}Z");
        points + &format!("<trkpt lat=\"{lat:.6}\" lon=\"13.19\"><time>{time}</time></trkpt>")
    });
    format!(
        "<gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>{points}</trkseg></trk></gpx>"
    )
}

fn source() -> Scratch {
    let scratch = scratch();
    scratch.write("source/ada/walk/trace.gpx", trace());
    scratch
}

fn run(scratch: &Scratch, further: &[&str]) -> Ran {
    let (source, out, work) = (scratch.arg("source"), scratch.arg("out"), scratch.arg("work"));
    let mut args = vec!["run", "--source", &source, "--out", &out, "--work", &work];
    args.extend(further);
    cairn().run(&args)
}

#[track_caller]
fn refused(scratch: &Scratch, further: &[&str], code: i32, parts: &[&str]) {
    run(scratch, further).failed_saying(code, parts);
    let published = scratch
        .join("out")
        .exists()
        .then(|| cairn_tests::files_below(&scratch.join("out")));
    assert!(
        published.unwrap_or_default().is_empty(),
        "something was published"
    );
}

#[test]
fn a_trace_alone_is_enough_to_run_on() {
    let ran = run(&source(), &[]);
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_source_has_to_be_a_folder_with_something_in_it() {
    let scratch = scratch();
    refused(
        &scratch,
        &[],
        2,
        &["--source", &scratch.arg("source"), "No such file"],
    );
    std::fs::create_dir(scratch.join("source")).unwrap();
    refused(
        &scratch,
        &[],
        1,
        &[&scratch.arg("source"), "holds no objects", "give a folder"],
    );
    std::fs::remove_dir(scratch.join("source")).unwrap();
    scratch.write("source", "a file");
    refused(
        &scratch,
        &[],
        2,
        &[
            "--source",
            &scratch.arg("source"),
            "is a file",
            "a folder is wanted",
        ],
    );
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let scratch = source();
    let out = scratch.write("taken", "a file").to_string_lossy().into_owned();
    let (source, work) = (scratch.arg("source"), scratch.arg("work"));
    let ran = cairn().run(&["run", "--source", &source, "--out", &out, "--work", &work]);
    ran.failed_saying(1, &["--out", &out]);
    assert_eq!(std::fs::read(&out).unwrap(), b"a file");
    let ran = cairn().run(&[
        "run",
        "--source",
        &source,
        "--out",
        &scratch.arg("out"),
        "--work",
        &out,
    ]);
    ran.failed_saying(1, &["--work", &out]);
}

#[test]
fn stores_that_this_build_cannot_open_are_named() {
    let scratch = source();
    let ran = cairn().run(&["run", "--source", "ftp://bucket/x", "--out", &scratch.arg("out")]);
    ran.failed_saying(
        2,
        &["--source", "ftp://bucket/x", "`ftp`", "give a folder", "s3://"],
    );
    let ran = cairn().run(&[
        "run",
        "--source",
        &scratch.arg("source"),
        "--out",
        "swift://bucket/x",
    ]);
    ran.failed_saying(1, &["--out", "swift://bucket/x", "`swift`", "give a folder"]);
}

/// A store that fails says nothing about what was published: neither a difference nor a wrong question.
#[cfg(unix)]
#[test]
fn a_store_that_fails_is_no_mismatch() {
    let scratch = scratch();
    cairn_tests::copy_folder(&SMALL.published.folder, &scratch.join("run"));
    // A link to itself is there and cannot be read, whoever asks.
    let unreadable = |path: &std::path::Path| std::os::unix::fs::symlink(path, path).unwrap();
    let rewards = scratch.join("run/rewards.parquet");
    std::fs::remove_file(&rewards).unwrap();
    let audit = || cairn().run(&["audit", &scratch.arg("run")]);
    assert_eq!(audit().code, Some(3), "what is gone is a difference");
    unreadable(&rewards);
    audit().failed_saying(1, &["reading `rewards.parquet`"]);
    let manifest = scratch.join("run/manifest.json");
    std::fs::remove_file(&manifest).unwrap();
    unreadable(&manifest);
    let contributor = ["explain", &scratch.arg("run"), "--contributor", "ada"];
    let export = [
        "export",
        &scratch.arg("run"),
        "--format",
        "csv",
        "--out",
        "never.csv",
    ];
    for ran in [audit(), cairn().run(&contributor), cairn().run(&export)] {
        ran.failed_saying(1, &["manifest.json"]);
    }
    cairn()
        .run(&["audit", &scratch.arg("nowhere")])
        .failed_saying(2, &["nowhere"]);
}

#[test]
fn contributors_are_registered_once_and_by_an_id_that_objects_can_have() {
    let scratch = source();
    for (lines, parts) in [
        ("ada,yes\nada,no\n", ["line 3", "`ada` is named twice"]),
        (",yes\n", ["line 2", "`contributor` is empty"]),
        ("ada lovelace,yes\n", ["line 2", "`ada lovelace` is no id"]),
    ] {
        scratch.write(
            "source/contributors.csv",
            format!("contributor,trim_ends\n{lines}"),
        );
        refused(&scratch, &[], 1, &[&["contributors.csv"][..], &parts].concat());
    }
    scratch.write(
        "source/contributors.csv",
        "contributor,trim_ends\nAda,yes\nada,no\n",
    );
    let ran = run(&scratch, &[]);
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(
        ran.stderr.contains("Ada") && ran.stderr.contains("no upload in this epoch"),
        "{ran}"
    );
}

#[test]
fn zones_are_held_in_memory_and_have_a_largest_size() {
    let scratch = source();
    let zones = scratch.write("source/privacy-zones.geojson", "{}");
    std::fs::File::options()
        .write(true)
        .open(zones)
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    refused(
        &scratch,
        &[],
        1,
        &["privacy-zones.geojson", "1073741824 bytes", "are the most"],
    );
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_cannot_be_held_is_an_object_that_cannot_be_read() {
    use std::os::unix::ffi::OsStrExt;
    let scratch = source();
    let folder = scratch.join("source/ada/walk");
    for name in [&b"track#1"[..], b"b\x07ell.gpx", b"\xff.jpg"] {
        std::fs::write(folder.join(std::ffi::OsStr::from_bytes(name)), trace()).unwrap();
    }
    let ran = run(&scratch, &[]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let objects = cairn_tests::Published::below(&scratch.join("out")).table("objects");
    assert_eq!(objects.rows(), 4);
    for name in ["track#1", "b\\u{7}ell.gpx", "\\xff.jpg"] {
        let row = objects.find("path", &format!("ada/walk/{name}"));
        assert_eq!(objects.text("reason", row), "O3-unreadable");
        assert!(objects.text("detail", row).contains("rename it"));
    }
    let good = objects.find("path", "ada/walk/trace.gpx");
    assert_eq!(objects.text("verdict", good), "kept");
}

#[test]
fn settings_of_the_environment_are_refused_with_what_is_allowed() {
    let scratch = source();
    let with = |name, value, further: &[&str]| {
        let (source, out) = (scratch.arg("source"), scratch.arg("out"));
        let mut args = vec!["run", "--source", &source, "--out", &out, "--work", &out];
        args.extend(further);
        cairn().with([(name, value)]).run(&args)
    };
    let levels = ["CAIRN_LOG", "`loud`", "off, error, warn, info, debug or trace"];
    with("CAIRN_LOG", "loud", &[]).failed_saying(2, &levels);
    with("CAIRN_LOG", "warn,cairn=loud", &[]).failed_saying(2, &["CAIRN_LOG"]);
    let ran = with("CAIRN_LOG", "debug", &["--quiet"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran}");
    for name in ["CAIRN_STORE_RETRY_SECONDS", "CAIRN_STORE_TIMEOUT_SECONDS"] {
        let ran = cairn()
            .with([(name, "2m")])
            .run(&["audit", "http://127.0.0.1:9/x"]);
        ran.failed_saying(2, &[name, "`2m`", "a whole number of seconds"]);
    }
}

#[test]
fn an_epoch_has_one_of_three_forms() {
    let scratch = source();
    let forms = "write `all`, an ISO week like 2026-W20, or FROM/TO";
    for (given, why) in [
        ("yesterday", "not one of the three forms"),
        ("2026-W60", "no such week"),
        ("2026-05-18/2026-05-11", "ends before it starts"),
        ("2026-05-18/soon", "its end is no date"),
    ] {
        refused(&scratch, &["--epoch", given], 2, &[given, why, forms]);
    }
    refused(
        &scratch,
        &["--as-of", "2026-05-18"],
        2,
        &["--as-of", "`2026-05-18`", "write it like"],
    );
    let both = ["--epoch", "2026-W20", "--as-of", "2026-05-18T00:00:00Z"];
    refused(&scratch, &both, 2, &["--as-of", "--epoch all"]);
}

#[test]
fn a_policy_file_is_told_its_line_and_what_would_do() {
    let scratch = source();
    let cases: [(&str, &str, &[&str]); 7] = [
        (
            "syntax.toml",
            "version = 1\n[dedup\nnear-bits = 3\n",
            &["line 2", "unclosed table"],
        ),
        (
            "field.toml",
            "version = 1\n[dedup]\nnear-bit = 3\n",
            &["line 3", "`dedup.near-bit`", "perhaps `dedup.near-bits`"],
        ),
        (
            "section.toml",
            "[dedupe]\nnear-bits = 3\n",
            &["line 1", "`dedupe`", "place, dedup, evidence"],
        ),
        ("type.toml", "[dedup]\nnear-bits = \"few\"\n", &["line 2", "few"]),
        (
            "range.toml",
            "[dedup]\nnear-bits = 300\n",
            &["line 2, column 13", "dedup.near-bits", "300", "0 to 256", "D4"],
        ),
        (
            "mode.toml",
            "[reward]\nmode = \"lottery\"\n",
            &["line 2", "lottery", "improvement"],
        ),
        ("version.toml", "version = 2\n", &["version 2", "version 1"]),
    ];
    for (name, text, parts) in cases {
        let file = scratch.write(name, text).to_string_lossy().into_owned();
        // Another form is no fault of a line.
        let place = if name == "version.toml" { "policy" } else { &file };
        let parts: Vec<&str> = parts.iter().copied().chain([place]).collect();
        refused(&scratch, &["--policy", &file], 2, &parts);
        cairn().run(&["policy", "check", &file]).failed_saying(2, &parts);
    }
    let missing = scratch.arg("missing.toml");
    refused(&scratch, &["--policy", &missing], 2, &[&missing, "No such file"]);
}

#[test]
fn a_setting_is_told_what_is_wrong_and_what_would_do() {
    let scratch = source();
    let cases: [(&str, &[&str]); 7] = [
        ("dedup.nearbits=3", &["perhaps `dedup.near-bits`"]),
        ("dedup", &["no `=`"]),
        ("near-bits=3", &["no `.`"]),
        ("dedup.near-bits=few", &["few", "0 to 256"]),
        ("dedup.near-bits=-1", &["-1", "0 to 256"]),
        ("dedup.near-bits=257", &["257", "0 to 256"]),
        ("reward.mode=lottery", &["lottery", "improvement"]),
    ];
    for (given, parts) in cases {
        refused(&scratch, &["--set", given], 2, parts);
    }
    refused(
        &scratch,
        &["--tile-resolution", "12"],
        2,
        &["--tile-resolution 12", "finer than the cells", "11"],
    );
}

#[test]
fn a_wrong_list_of_uploads_is_told_its_line() {
    let good = "ada/walk/trace.gpx,ada,2026-05-12T09:00:00Z";
    let cases: [(String, &[&str]); 9] = [
        (
            "path,contributor,uploaded_at\nada/walk/trace.gpx,ada,yesterday\n".into(),
            &["line 2", "`uploaded_at`", "`yesterday`", "write it like"],
        ),
        (
            format!("path,contributor,uploaded_at\n{good}\n{good}\n"),
            &["line 3", "`ada/walk/trace.gpx`", "twice"],
        ),
        (
            "path,uploaded_at\n".into(),
            &["line 1", "`contributor` is missing", "path, uploaded_at"],
        ),
        (
            "path;contributor\n".into(),
            &["line 1", "`path` is missing", "path;contributor"],
        ),
        (
            format!("path,contributor,uploaded_at\n{good}\nada/x.jpg,ada\n"),
            &["line 3", "2", "3"],
        ),
        ("path,contributor\n,ada\n".into(), &["line 2", "`path`", "empty"]),
        (
            "path,contributor,sha256\nada/walk/trace.gpx,ada,12ab\n".into(),
            &["line 2", "`sha256`", "`12ab`", "64"],
        ),
        (String::new(), &["line 1", "`path` is missing"]),
        ("path,contributor\n".into(), &["names no object"]),
    ];
    for (text, parts) in cases {
        let scratch = source();
        scratch.write("source/uploads.csv", text);
        let parts: Vec<&str> = parts.iter().copied().chain(["uploads.csv"]).collect();
        refused(&scratch, &[], 1, &parts);
    }
    let scratch = source();
    scratch.write("source/uploads.csv", b"path,contributor\nada/\xff.gpx,ada\n");
    refused(&scratch, &[], 1, &["uploads.csv", "line 2", "UTF-8"]);
}

#[test]
fn a_wrong_list_of_uploads_in_json_is_told_its_line() {
    let good = "{\"path\": \"ada/walk/trace.gpx\", \"contributor\": \"ada\"}";
    let cases: [(String, &[&str]); 6] = [
        ("{}".into(), &["line 1", "`path` is missing"]),
        (
            format!("{good}\n\n{good}\n"),
            &["line 3", "`ada/walk/trace.gpx`", "twice"],
        ),
        (
            good.replace('}', ", \"uploaded_at\": \"yesterday\"}"),
            &["line 1", "`uploaded_at`", "`yesterday`", "write it like"],
        ),
        (
            good.replace('}', ", \"uploaded_at\": 1778576400000}"),
            &["line 1", "`uploaded_at`", "the number 1778576400000", "as text"],
        ),
        ("\n".into(), &["names no object"]),
        (format!("{good}\nend"), &["line 2", "no JSON object"]),
    ];
    for (text, parts) in cases {
        let scratch = source();
        scratch.write("source/uploads.jsonl", text);
        let parts: Vec<&str> = parts.iter().copied().chain(["uploads.jsonl"]).collect();
        refused(&scratch, &[], 1, &parts);
    }
}

#[test]
fn two_files_that_say_the_same_are_one_too_many() {
    let scratch = source();
    scratch.write("source/uploads.csv", "path,contributor\nada/walk/trace.gpx,ada\n");
    scratch.write("source/uploads.parquet", "");
    refused(
        &scratch,
        &[],
        1,
        &["`uploads.csv`", "uploads.parquet", "leave one"],
    );
    let scratch = source();
    scratch.write("source/uploads.parquet", "no Parquet");
    refused(
        &scratch,
        &[],
        1,
        &["uploads.parquet", "cannot be read as Parquet"],
    );
    let scratch = source();
    scratch.write("source/demand.csv", "cell,multiplier_ppm\n");
    scratch.write("source/demand.parquet", "");
    refused(&scratch, &[], 1, &["`demand.csv`", "demand.parquet", "leave one"]);
}

#[test]
fn a_path_that_is_none_below_the_source_is_refused() {
    for (path, why) in [
        ("/ada/walk/trace.gpx", "begins with `/`"),
        ("../ada/walk/trace.gpx", "`..`"),
        ("ada\\walk\\trace.gpx", "backslash"),
        ("ada//trace.gpx", "empty folder"),
    ] {
        let scratch = source();
        scratch.write("source/uploads.csv", format!("path,contributor\n{path},ada\n"));
        refused(&scratch, &[], 1, &["uploads.csv", "line 2", path, why]);
    }
}

#[test]
fn a_wrong_list_of_devices_is_told_its_line() {
    let key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let same = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let other = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    let weak = format!("01{}", "0".repeat(62));
    let nowhere = format!("02{}", "0".repeat(62));
    let cases: [(String, &[&str]); 9] = [
        (
            format!("cam,ada,{key}\ncam,ada,{other}"),
            &["line 3", "`cam`", "twice"],
        ),
        (
            format!("cam,ada,{key}\ncam,bob,{other}"),
            &["line 3", "`cam`", "twice"],
        ),
        (
            format!("cam,ada,{key}\ndash,bob,{same}"),
            &["line 3", "`dash`", "`cam`", "its own"],
        ),
        (
            format!("cam,ada,{}", &key[..40]),
            &["line 2", "`ed25519_public_key`", &key[..40], "64 hexadecimal"],
        ),
        (format!("cam,ada,{weak}"), &["line 2", &weak, "weak"]),
        (format!("cam,ada,{nowhere}"), &["line 2", "no point"]),
        ("cam,ada,".into(), &["line 2", "`ed25519_public_key` is empty"]),
        (
            format!("cam,a b,{key}"),
            &["line 2", "`contributor`", "`a b`", "1 to 128"],
        ),
        (
            format!("{},ada,{key}", "x".repeat(129)),
            &["line 2", "`device`", "129", "128"],
        ),
    ];
    for (lines, parts) in cases {
        let scratch = source();
        scratch.write(
            "source/devices.csv",
            format!("device,contributor,ed25519_public_key\n{lines}\n"),
        );
        let parts: Vec<&str> = parts.iter().copied().chain(["devices.csv"]).collect();
        refused(&scratch, &[], 1, &parts);
    }
}

#[test]
fn a_wrong_demand_is_told_its_line() {
    let cell = "8b1fb46622dafff";
    let cases: [(String, &[&str]); 6] = [
        (
            format!("cell,multiplier_ppm\n{cell},much\n"),
            &["line 2", "`multiplier_ppm`", "`much`"],
        ),
        (
            format!("cell,multiplier_ppm\n{cell},-5\n"),
            &["line 2", "`multiplier_ppm`", "`-5`"],
        ),
        (
            "cell,multiplier_ppm\nhere,1\n".into(),
            &["line 2", "`cell`", "`here`", "H3"],
        ),
        (
            format!("cell,multiplier_ppm\n{cell},\n"),
            &["line 2", "`multiplier_ppm`", "empty"],
        ),
        (
            format!("cell,multiplier_ppm\n{cell},1\n{cell},2\n"),
            &["line 3", cell, "twice"],
        ),
        (
            format!("cell\n{cell}\n"),
            &["line 1", "`multiplier_ppm` is missing"],
        ),
    ];
    for (text, parts) in cases {
        let scratch = source();
        scratch.write("source/demand.csv", text);
        let parts: Vec<&str> = parts.iter().copied().chain(["demand.csv"]).collect();
        refused(&scratch, &[], 1, &parts);
    }
}

#[test]
fn a_run_that_is_none_is_said_to_be_none() {
    let scratch = source();
    let missing = scratch.arg("missing");
    for command in ["audit", "explain", "export"] {
        let mut args = vec![command, &missing];
        args.extend(match command {
            "explain" => vec!["--contributor", "ada"],
            "export" => vec!["--format", "csv", "--out", "never"],
            _ => vec![],
        });
        cairn().run(&args).failed_saying(2, &[&missing, "No such file"]);
    }
    cairn()
        .run(&["audit", &scratch.arg("source")])
        .failed_saying(2, &["no published run", "manifest.json"]);
    scratch.write("run/manifest.json", "{");
    cairn()
        .run(&["audit", &scratch.arg("run")])
        .failed_saying(2, &["manifest.json", "cannot be read"]);
    let ran = cairn().run(&["audit", &SMALL.published.arg(), "--source", &missing]);
    ran.failed_saying(2, &["--source", &missing]);
}

#[test]
fn what_a_run_does_not_have_is_said_to_be_missing() {
    let run = SMALL.published.arg();
    let scratch = scratch();
    let out = scratch.arg("out.csv");
    cairn()
        .run(&["explain", &run, "--object", "nix.jpg"])
        .failed_saying(2, &["`nix.jpg`", "paths are those"]);
    cairn()
        .run(&["explain", &run, "--contributor", "nobody"])
        .failed_saying(2, &["`nobody`"]);
    cairn()
        .run(&["explain", &run, "--cell", "12"])
        .failed_saying(2, &["--cell", "`12`", "H3"]);
    let cell = ["explain", &run, "--cell", "8b1fb46622dafff"];
    cairn()
        .run(&cell)
        .failed_saying(2, &["8b1fb46622dafff", "resolution 11"]);
    let table = ["export", &run, "--format", "csv", "--table", "nix", "--out", &out];
    cairn()
        .run(&table)
        .failed_saying(2, &["--table nix", "coverage, credits, images"]);
    let table = [
        "export", &run, "--format", "geojson", "--table", "rewards", "--out", &out,
    ];
    cairn()
        .run(&table)
        .failed_saying(2, &["--table rewards", "no geometry", "coverage and images"]);
    let nowhere = scratch.arg("no/folder/out.csv");
    let table = ["export", &run, "--format", "csv", "--out", &nowhere];
    cairn().run(&table).failed_saying(1, &["--out", &nowhere]);
    assert!(!std::path::Path::new(&out).exists());
}

#[test]
fn usage_ends_with_2() {
    for args in [
        vec!["run"],
        vec!["frobnicate"],
        vec!["run", "--pool", "1e6"],
        vec!["explain", "x"],
        vec![],
    ] {
        let ran = cairn().run(&args);
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(
            ran.stderr.contains("Usage") || ran.stderr.contains("--help"),
            "{ran}"
        );
    }
    assert!(cairn().succeed(&["--version"]).starts_with("cairn "));
}
