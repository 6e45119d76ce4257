//! Devices sign what they record: O5 rejects what is not theirs, E11 says what is not signed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cairn_tests::{Published, Scratch};
use serde_json::Value;

use crate::fixtures::{cairn, scratch};
use crate::forge::Copy;

/// A walk of half a minute, another one for each number.
fn walk(number: u32) -> String {
    let points = (0..30).fold(String::new(), |points, second| {
        let lat = 55.7 + f64::from(second) * 1e-4 + f64::from(number) * 0.01;
        let time = format!("2026-05-12T08:{number:02}:{second:02}Z");
        points + &format!("<trkpt lat=\"{lat:.6}\" lon=\"13.19\"><time>{time}</time></trkpt>")
    });
    format!(
        "<gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>{points}</trkseg></trk></gpx>"
    )
}

const ADAS: [&str; 7] = [
    "signed", "changed", "bare", "stranger", "swapped", "garbled", "nameless",
];
const BOBS: [&str; 2] = ["plain", "borrowed"];

/// What became of each object: verdict, reason, signature, and a word of the detail.
const WANTED: [(&str, &str, &str, &str, &str); 9] = [
    ("ada/signed.gpx", "kept", "", "valid", ""),
    (
        "ada/changed.gpx",
        "rejected",
        "O5-signature-mismatch",
        "invalid",
        "does not fit",
    ),
    ("ada/bare.gpx", "kept", "", "missing", ""),
    (
        "ada/stranger.gpx",
        "rejected",
        "O5-signature-mismatch",
        "invalid",
        "no key is registered",
    ),
    (
        "ada/swapped.gpx",
        "rejected",
        "O5-signature-mismatch",
        "invalid",
        "does not fit",
    ),
    (
        "ada/garbled.gpx",
        "rejected",
        "O5-signature-mismatch",
        "invalid",
        "64 bytes in base64",
    ),
    (
        "ada/nameless.gpx",
        "rejected",
        "O5-signature-mismatch",
        "invalid",
        "names no device",
    ),
    ("bob/plain.gpx", "kept", "", "", ""),
    (
        "bob/borrowed.gpx",
        "rejected",
        "O5-signature-mismatch",
        "invalid",
        "another contributor",
    ),
];

/// Signatures by path, as `cairn keys sign` prints them.
fn signed(scratch: &Scratch, key: &str, objects: &[&str]) -> BTreeMap<String, String> {
    let (key, source) = (scratch.arg(key), scratch.arg("source"));
    let mut args = vec!["keys", "sign", "--key", &key, "--source", &source];
    args.extend(objects);
    let printed = cairn().succeed(&args);
    let mut lines = printed.lines();
    assert_eq!(lines.next(), Some("path,sha256,signature"));
    lines
        .map(|line| {
            let values: Vec<&str> = line.split(',').collect();
            (values[0].to_owned(), values[2].to_owned())
        })
        .collect()
}

/// Makes a key and gives the line of `devices.csv` for it, with its header.
fn generate(scratch: &Scratch, file: &str, device: &str, contributor: &str) -> String {
    let out = scratch.arg(file);
    let args = [
        "keys",
        "generate",
        "--out",
        &out,
        "--device",
        device,
        "--contributor",
        contributor,
    ];
    cairn().succeed(&args)
}

struct Signed {
    scratch: Scratch,
    published: Published,
}

/// Ada has a camera and a phone, Bob has neither; each object is one way in which signing goes.
static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let scratch = scratch();
    let everyone = ADAS
        .map(|name| ("ada", name))
        .into_iter()
        .chain(BOBS.map(|name| ("bob", name)));
    for (number, (who, name)) in (0..).zip(everyone) {
        scratch.write(&format!("source/{who}/{name}.gpx"), walk(number));
    }
    let camera = generate(&scratch, "camera.pem", "cam 1", "ada");
    let phone = generate(&scratch, "phone.pem", "phone", "ada");
    let devices = format!("{camera}{}", phone.lines().nth(1).unwrap());
    scratch.write("source/devices.csv", devices);
    let by_camera = signed(&scratch, "camera.pem", &[]);
    assert_eq!(
        by_camera.len(),
        9,
        "what lies beside the uploads is not signed: {by_camera:?}"
    );

    let mut list = String::from("path,contributor,uploaded_at,device,signature\n");
    let everyone = ADAS
        .map(|name| ("ada", name))
        .into_iter()
        .chain(BOBS.map(|name| ("bob", name)));
    for (who, name) in everyone {
        let path = format!("{who}/{name}.gpx");
        let good = by_camera[&path].as_str();
        let (device, signature) = match name {
            "bare" | "plain" => ("", ""),
            "stranger" => ("drone", good),
            "swapped" => ("phone", good),
            "garbled" => ("cam 1", &good[1..]),
            "nameless" => ("", good),
            _ => ("cam 1", good),
        };
        list += &[path.as_str(), who, "2026-05-12T12:00:00Z", device, signature].join(",");
        list += "\n";
    }
    scratch.write("source/uploads.csv", list);
    let changed = walk(1).replacen("13.19", "13.18", 1);
    scratch.write("source/ada/changed.gpx", changed);
    let _ = cairn().publish(
        &scratch.join("source"),
        &scratch.join("out"),
        &["--epoch", "2026-W20"],
    );
    let published = Published::below(&scratch.join("out"));
    Signed { scratch, published }
});

#[test]
fn policy_o5_e11_each_signature_is_judged() {
    let objects = SIGNED.published.table("objects");
    assert_eq!(objects.rows(), WANTED.len());
    for (path, verdict, reason, signature, word) in WANTED {
        let row = objects.find("path", path);
        let found = ["verdict", "reason", "signature"].map(|column| objects.text(column, row));
        assert_eq!(
            found,
            [verdict, reason, signature],
            "{path}: {}",
            objects.text("detail", row)
        );
        let detail = objects.text("detail", row);
        assert!(detail.contains(word), "{path}: {detail}");
        assert!(!detail.contains("cam 1") && !detail.contains("drone"), "{detail}");
    }
    let row = objects.find("path", "ada/signed.gpx");
    assert_eq!(objects.text("device", row), "cam 1");
    let counts = &SIGNED.published.manifest["verdicts"]["objects"];
    assert_eq!(counts["O5-signature-mismatch"], 6);
    assert!(SIGNED.published.manifest["inputs"]["devices"].is_string());
}

#[test]
fn a_signature_is_explained_and_counted() {
    let run = SIGNED.published.arg();
    for (path, parts) in [
        ("ada/signed.gpx", &["from device cam 1", "signature is valid"][..]),
        (
            "ada/changed.gpx",
            &[
                "device cam 1",
                "does not prove it",
                "O5-signature-mismatch",
                "does not fit",
            ],
        ),
        ("ada/bare.gpx", &["A key is registered", "E11"]),
        ("ada/nameless.gpx", &["no known device"]),
        ("bob/borrowed.gpx", &["device cam 1", "another contributor"]),
    ] {
        let said = cairn().succeed(&["explain", &run, "--object", path]);
        for part in parts {
            assert!(said.contains(part), "`{part}` is not said of {path}: {said}");
        }
    }
    let said = cairn().succeed(&["explain", &run, "--object", "bob/plain.gpx"]);
    assert!(!said.contains("signature") && !said.contains("key"), "{said}");
    let said = cairn().succeed(&["explain", &run, "--contributor", "ada"]);
    assert!(said.contains("1 valid, 5 invalid (O5), 1 missing"), "{said}");
}

#[test]
fn an_audit_checks_signatures_again() {
    let (run, source) = (SIGNED.published.arg(), SIGNED.scratch.arg("source"));
    let said = cairn().succeed(&["audit", &run, "--source", &source]);
    assert!(said.contains("Yes:"), "{said}");

    let copy = Copy::of(&SIGNED.published);
    copy.change("objects.parquet", "signature");
    copy.cover_up("objects");
    let ran = cairn().run(&["audit", &copy.run.arg(), "--source", &source]);
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stdout.contains("column `signature`"), "{ran}");
}

/// The same objects with other keys are other results, even from the same work folder.
#[test]
fn policy_r8_keys_are_an_input() {
    let scratch = scratch();
    cairn_tests::copy_folder(&SIGNED.scratch.join("source"), &scratch.join("source"));
    let (source, work) = (scratch.arg("source"), scratch.arg("work"));
    let run = |out: &str| {
        let out = scratch.arg(out);
        let args = [
            "run", "--source", &source, "--out", &out, "--work", &work, "--epoch", "2026-W20",
        ];
        let said = cairn().succeed(&args);
        (Published::below(std::path::Path::new(&out)), said)
    };
    let (first, said) = run("first");
    assert_eq!(first.digest(), SIGNED.published.digest());
    assert!(said.contains("1 valid, 6 invalid (O5), 1 missing"), "{said}");

    let other = generate(&scratch, "other.pem", "cam 1", "ada");
    scratch.write("source/devices.csv", other);
    let (second, _) = run("second");
    let inputs = |run: &Published, field: &str| run.manifest["inputs"][field].clone();
    assert_eq!(inputs(&first, "root"), inputs(&second, "root"));
    assert_ne!(inputs(&first, "devices"), inputs(&second, "devices"));
    let objects = second.table("objects");
    let row = objects.find("path", "ada/signed.gpx");
    assert_eq!(objects.text("reason", row), "O5-signature-mismatch");
    let ran = cairn().run(&["audit", &first.arg(), "--source", &source, "--json"]);
    assert_eq!(ran.code, Some(3), "{ran}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let difference = &report["mismatches"][0];
    assert_eq!(difference["table"], "inputs", "{ran}");
    assert!(
        difference["difference"].as_str().unwrap().contains("devices"),
        "{ran}"
    );

    std::fs::remove_file(scratch.join("source/devices.csv")).unwrap();
    let (third, said) = run("third");
    assert_eq!(inputs(&third, "devices"), Value::Null);
    assert!(!said.contains("Signatures"), "{said}");

    // A signature that is another text is another input, whatever becomes of it.
    let list = std::fs::read_to_string(scratch.join("source/uploads.csv")).unwrap();
    scratch.write("source/uploads.csv", list.replace("cam 1", "cam 2"));
    let (fourth, _) = run("fourth");
    assert_ne!(inputs(&third, "root"), inputs(&fourth, "root"));
}

#[test]
fn without_a_manifest_a_registered_contributor_misses_signatures() {
    let scratch = scratch();
    scratch.write("source/ada/a.gpx", walk(1));
    scratch.write("source/bob/b.gpx", walk(2));
    let line = generate(&scratch, "key.pem", "cam", "ada");
    scratch.write("source/devices.csv", line);
    let _ = cairn().publish(&scratch.join("source"), &scratch.join("out"), &[]);
    let objects = Published::below(&scratch.join("out")).table("objects");
    assert_eq!(objects.rows(), 2);
    assert_eq!(
        objects.text("signature", objects.find("path", "ada/a.gpx")),
        "missing"
    );
    assert_eq!(objects.text("signature", objects.find("path", "bob/b.gpx")), "");
}

#[test]
fn a_private_key_is_private_and_never_written_over() {
    let scratch = scratch();
    let out = scratch.arg("key.pem");
    let public = cairn().succeed(&["keys", "generate", "--out", &out]);
    assert_eq!(public.trim_end().len(), 44, "{public}");
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&out).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    cairn()
        .run(&["keys", "generate", "--out", &out])
        .failed_saying(2, &[&out, "never written over"]);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text);
    assert_eq!(cairn().succeed(&["keys", "public", "--key", &out]), public);
    let line = cairn().succeed(&[
        "keys",
        "public",
        "--key",
        &out,
        "--device",
        "a,b",
        "--contributor",
        "ada",
    ]);
    assert_eq!(
        line,
        format!("device,contributor,ed25519_public_key\n\"a,b\",ada,{public}")
    );
}

#[test]
fn keys_say_what_is_wrong() {
    let scratch = scratch();
    let object = scratch.write("a.gpx", walk(1)).to_string_lossy().into_owned();
    let no_key = scratch.write("no.pem", "hello").to_string_lossy().into_owned();
    let missing = scratch.arg("missing");
    let run = |args: &[&str]| cairn().run(args);
    run(&["keys", "sign", "--key", &missing, &object]).failed_saying(2, &["--key", &missing, "No such file"]);
    run(&["keys", "sign", "--key", &no_key, &object]).failed_saying(2, &[&no_key, "PKCS#8", "keys generate"]);
    let key = scratch.arg("key.pem");
    let _ = cairn().succeed(&["keys", "generate", "--out", &key]);
    run(&["keys", "sign", "--key", &key, &missing]).failed_saying(2, &[&missing, "No such file"]);
    let source = scratch.arg("");
    run(&["keys", "sign", "--key", &key, "--source", &source, "nix.gpx"]).failed_saying(1, &["nix.gpx"]);
    let nowhere = scratch.arg("no/folder/key.pem");
    run(&["keys", "generate", "--out", &nowhere]).failed_saying(1, &["--out", &nowhere]);
    for args in [
        &["keys", "sign", "--key", &key][..],
        &["keys", "generate", "--out", &missing, "--device", "cam"],
        &["keys"],
    ] {
        let ran = run(args);
        assert_eq!(ran.code, Some(2), "{ran}");
    }
    let with_device = cairn().succeed(&["keys", "sign", "--key", &key, "--device", "cam", &object]);
    assert!(
        with_device.starts_with("path,sha256,signature,device\n"),
        "{with_device}"
    );
    assert!(with_device.ends_with(",cam\n"), "{with_device}");
}
