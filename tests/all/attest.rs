//! Signers say of an epoch what follows from it, one after the other; an epoch that is changed is not what they signed.

use std::path::PathBuf;

use cairn::published::Run;
use cairn::store::runtime;
use cairn_datasets::manifest::Manifest;
use cairn_stages::attestation::{Envelope, Key, check};
use cairn_stages::ed25519::public_key;
use cairn_tests::{Ran, Scratch, copy_folder};
use serde_json::Value as Json;

use crate::fixtures::{SMALL, cairn, scratch};

/// A copy of the small city's epoch, to be signed.
struct Epoch {
    scratch: Scratch,
    folder: PathBuf,
}

impl Epoch {
    fn new() -> Self {
        let scratch = scratch();
        let folder = scratch.join("epoch");
        copy_folder(&SMALL.published.folder, &folder);
        Self { scratch, folder }
    }

    /// Makes a key and gives the public one.
    fn key(&self, name: &str) -> Key {
        let out = self.scratch.arg(name);
        let public = cairn().succeed(&["keys", "generate", "--out", &out]);
        public_key(public.trim()).unwrap()
    }

    fn attest(&self, key: &str) -> Ran {
        let (folder, key) = (self.folder.to_string_lossy(), self.scratch.arg(key));
        cairn().run(&["attest", &folder, "--key", &key, "--json"])
    }

    fn signed(&self, key: &str) -> Json {
        let ran = self.attest(key);
        assert_eq!(ran.code, Some(0), "{ran}");
        serde_json::from_str(&ran.stdout).unwrap()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }

    fn change(&self, name: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.read(name)).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(self.folder.join(name), text.replacen(from, to, 1)).unwrap();
    }
}

#[test]
fn signers_are_added_one_after_the_other_and_each_once() {
    let epoch = Epoch::new();
    let keys = [epoch.key("a.pem"), epoch.key("b.pem")];
    let manifest = epoch.read("manifest.json");
    let first = epoch.signed("a.pem");
    assert_eq!(first["added"], true);
    let one = epoch.read("attestation.json");
    assert_eq!(epoch.signed("a.pem")["added"], false);
    assert_eq!(epoch.read("attestation.json"), one);
    let both = epoch.signed("b.pem");
    assert_eq!(both["signers"].as_array().unwrap().len(), 2);
    assert_eq!(both["car"], first["car"]);

    let parsed: Manifest = serde_json::from_slice(&manifest).unwrap();
    let envelope = epoch.read("attestation.json");
    let signers = check(&envelope, &manifest, &parsed, &keys[1..]).unwrap();
    assert_eq!(signers.keys, keys.into());
    assert_eq!(signers.trusted, [keys[1]].into());
    assert_eq!(signers.car.unwrap().to_string(), first["car"].as_str().unwrap());
    // Nothing else of the epoch was touched.
    assert_eq!(epoch.read("manifest.json"), manifest);

    // The other way round it is the same file.
    let other = Epoch {
        folder: epoch.scratch.join("other"),
        scratch: epoch.scratch,
    };
    copy_folder(&SMALL.published.folder, &other.folder);
    for key in ["b.pem", "a.pem"] {
        let _ = other.signed(key);
    }
    assert_eq!(other.read("attestation.json"), envelope);
}

#[test]
fn the_root_that_is_signed_is_that_of_the_archive() {
    let epoch = Epoch::new();
    let _ = epoch.key("a.pem");
    let car = epoch.signed("a.pem")["car"].as_str().unwrap().to_owned();
    let (folder, out) = (epoch.folder.to_string_lossy(), epoch.scratch.arg("epoch.car"));
    let said = cairn().succeed(&["export", &folder, "--format", "car", "--out", &out]);
    assert!(said.contains(&format!("root {car}\n")), "{said}");
}

#[test]
fn what_is_signed_says_which_program_made_the_epoch() {
    let epoch = Epoch::new();
    let _ = epoch.key("a.pem");
    let _ = epoch.signed("a.pem");
    let run = Run::open(&epoch.folder.to_string_lossy(), &runtime().unwrap()).unwrap();
    let build = &run.manifest.build;
    assert_eq!(*build, cairn::provenance::build());
    assert!(build.target.contains('-'), "{}", build.target);
    if let Some(commit) = &build.commit {
        let digits = commit.strip_suffix("-dirty").unwrap_or(commit);
        assert!(
            digits.len() >= 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
            "{commit}"
        );
    }
    let envelope = Envelope::read(&epoch.read("attestation.json")).unwrap();
    let signed = String::from_utf8(envelope.signed_bytes().unwrap()).unwrap();
    assert!(
        signed.starts_with("DSSEv1 28 application/vnd.in-toto+json "),
        "{signed}"
    );
    assert!(
        signed.contains(&format!("\"lock\":\"{}\"", build.lock)),
        "{signed}"
    );
}

#[test]
fn an_epoch_that_changed_is_not_signed_further() {
    let epoch = Epoch::new();
    for key in ["a.pem", "b.pem"] {
        let _ = epoch.key(key);
    }
    let _ = epoch.signed("a.pem");
    let before = epoch.read("attestation.json");
    // The results are the same, and the manifest is not.
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    epoch.change("manifest.json", &version, "\"version\": \"9.9.9\"");
    epoch.attest("b.pem").failed_saying(
        2,
        &[
            "attestation.json",
            "predicate.build.version",
            "9.9.9",
            "nothing was added",
        ],
    );
    assert_eq!(epoch.read("attestation.json"), before);
}

#[test]
fn results_that_do_not_follow_and_files_that_are_others_are_not_signed() {
    let epoch = Epoch::new();
    let _ = epoch.key("a.pem");
    let results = SMALL.published.digest();
    epoch.change("manifest.json", results, &"0".repeat(64));
    epoch.attest("a.pem").failed_saying(2, &[results, "cairn audit"]);

    let epoch = Epoch::new();
    let _ = epoch.key("a.pem");
    let mut bytes = epoch.read("rewards.parquet");
    bytes[50] ^= 1;
    std::fs::write(epoch.folder.join("rewards.parquet"), bytes).unwrap();
    epoch
        .attest("a.pem")
        .failed_saying(1, &["rewards.parquet", "SHA-256"]);
    assert!(!epoch.folder.join("attestation.json").exists());
}

#[test]
fn nothing_is_added_to_what_is_no_attestation() {
    let epoch = Epoch::new();
    for key in ["a.pem", "b.pem"] {
        let _ = epoch.key(key);
    }
    for (text, part) in [("{}", "missing field"), ("", "EOF")] {
        std::fs::write(epoch.folder.join("attestation.json"), text).unwrap();
        epoch
            .attest("a.pem")
            .failed_saying(2, &["attestation.json", part]);
        assert_eq!(epoch.read("attestation.json"), text.as_bytes());
    }
    std::fs::write(epoch.folder.join("attestation.json"), vec![b' '; (1 << 20) + 1]).unwrap();
    epoch
        .attest("a.pem")
        .failed_saying(2, &["attestation.json", "1048576"]);
    std::fs::remove_file(epoch.folder.join("attestation.json")).unwrap();
    // A signature that another put there and that does not verify.
    let _ = epoch.signed("a.pem");
    let envelope: Json = serde_json::from_slice(&epoch.read("attestation.json")).unwrap();
    let sig = envelope["signatures"][0]["sig"].as_str().unwrap();
    let keyid = envelope["signatures"][0]["keyid"].as_str().unwrap();
    epoch.change("attestation.json", sig, &format!("{}==", "A".repeat(86)));
    epoch
        .attest("b.pem")
        .failed_saying(2, &[keyid, "not one by this key"]);
}
