//! Who signed a run, at every level: a signature covers the manifest, and by the root of the archive every file that it names.

use cairn_stages::attestation::{ATTESTATION, Key, MOST_BYTES, Signers, check as signers_of};
use cairn_stages::ed25519::{encode, public_key};

use super::Report;
use crate::archive::RunArchive;
use crate::cli::Usage;
use crate::published::Run;

/// Who has to have signed.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Wanted {
    /// So many have to have signed what is published, each with another key.
    #[arg(long, value_name = "N", default_value_t = 0)]
    require_signers: usize,
    /// The Ed25519 public key of a signer that counts. May be given several times; without any, every key counts.
    #[arg(long, value_name = "PUBLIC_KEY")]
    signer: Vec<String>,
}

impl Wanted {
    /// The keys that count.
    ///
    /// # Errors
    /// [`Usage`] when one is no key.
    pub(super) fn keys(&self) -> Result<Vec<Key>, Usage> {
        let read = |text: &String| public_key(text).map_err(|e| Usage(format!("--signer `{text}` {e}")));
        self.signer.iter().map(read).collect()
    }
}

/// Checks the signatures that are there, and that there are as many as are wanted.
pub(super) fn check(run: &Run, wanted: &Wanted, report: &mut Report) -> anyhow::Result<()> {
    const WHERE: &str = "attestation";
    let keys = wanted.keys()?;
    let envelope = match run.store.get_within(ATTESTATION, MOST_BYTES) {
        Err(error) if error.is_missing() => {
            if wanted.require_signers > 0 {
                let what = format!(
                    "{ATTESTATION} is not there, and {} signers are wanted",
                    wanted.require_signers
                );
                report.mismatch(WHERE, what);
            }
            return Ok(());
        }
        other => other?,
    };
    let manifest = run.manifest_bytes()?;
    let signers = match signers_of(&envelope, &manifest, &run.manifest, &keys) {
        Ok(signers) => signers,
        Err(error) => {
            report.mismatch(WHERE, format!("{ATTESTATION}: {error}"));
            return Ok(());
        }
    };
    count(&signers, wanted, &keys, report);
    // Of files that differ already, the archive says nothing more.
    if let (Some(said), true) = (signers.car, report.is_fine()) {
        let found = RunArchive::of(run, manifest)?.root();
        if found != said {
            report.mismatch(
                WHERE,
                format!("its files make an archive with the root {found}, and {said} is signed"),
            );
        }
    }
    Ok(())
}

fn count(signers: &Signers, wanted: &Wanted, keys: &[Key], report: &mut Report) {
    let counted = if keys.is_empty() {
        &signers.keys
    } else {
        &signers.trusted
    };
    if counted.len() < wanted.require_signers {
        let what = format!(
            "{} signers are wanted, and {} of those that count signed: {}",
            wanted.require_signers,
            counted.len(),
            named(counted)
        );
        report.mismatch("attestation", what);
    }
    report.checked.push(format!(
        "attestation: {} signatures over the manifest, by {}",
        signers.keys.len(),
        named(&signers.keys)
    ));
    if keys.is_empty() {
        let what =
            "who the signers are: their keys were held against no list; name those that count with --signer";
        report.unchecked.push(what.to_owned());
    }
}

fn named<'a>(keys: impl IntoIterator<Item = &'a Key>) -> String {
    let keys: Vec<String> = keys.into_iter().map(|key| encode(key)).collect();
    if keys.is_empty() {
        return "nobody".to_owned();
    }
    keys.join(", ")
}
