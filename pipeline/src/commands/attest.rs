//! `cairn attest`: signs what an epoch published, beside its manifest.

use anyhow::Context;
use bytes::Bytes;
use cairn_datasets::cid::Cid;
use cairn_stages::attestation::{ATTESTATION, AttestationError, Envelope, Key, MOST_BYTES, check, statement};
use cairn_stages::ed25519::encode;
use ed25519_dalek::{Signer, SigningKey};
use object_store::UpdateVersion;
use serde_json::json;

use super::keys::read_private;
use crate::archive::RunArchive;
use crate::cli::{Ending, Usage, say, say_json};
use crate::published::Run;
use crate::store::{Store, StoreError, runtime};

/// How often a signature is tried to be added while others add theirs.
const ATTEMPTS: u32 = 32;

/// What `cairn attest` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch. The signature is written beside its manifest.
    pub run: String,
    /// File with your private key (Ed25519, PKCS#8 in PEM), as `cairn keys generate` makes it.
    #[arg(long, value_name = "FILE")]
    key: String,
    /// Print what was signed as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let key = read_private(&args.key)?;
    let run = super::published(&args.run, &runtime()?)?;
    if run.store.is_web() {
        let location = run.store.location();
        return Err(Usage(format!(
            "{location}: a web server is read only; sign in the folder or the bucket that it serves"
        ))
        .into());
    }
    // Its files are read for the archive, which holds each against the manifest.
    super::results_of(&run.manifest)?;
    let manifest = run.manifest_bytes()?;
    let refused = |error: AttestationError| {
        let location = run.store.location();
        Usage(format!(
            "{location}/{ATTESTATION}: {error}; nothing was added to it"
        ))
    };
    // That it is over another manifest need not wait until every file is read.
    if let Some((bytes, _)) = envelope_in(&run.store)? {
        check(&bytes, &manifest, &run.manifest, &[]).map_err(refused)?;
    }
    let car = RunArchive::of(&run, manifest.clone())?.root();
    let statement = statement(&manifest, &run.manifest, Some(car));
    for _ in 0..ATTEMPTS {
        let there = envelope_in(&run.store)?;
        let mut envelope = match &there {
            Some((bytes, _)) => Envelope::read(bytes).map_err(refused)?,
            None => Envelope::over(&statement),
        };
        envelope.is_over(&statement).map_err(refused)?;
        sign(&mut envelope, &key)?;
        let bytes = envelope.bytes();
        let is_new = there.as_ref().is_none_or(|(there, _)| *there != bytes);
        // Nobody's signature is written over unseen: who comes second reads again.
        let is_there = match there {
            _ if !is_new => true,
            Some((_, version)) => run.store.put_if_still(ATTESTATION, bytes, version)?,
            None => run.store.put_if_absent(ATTESTATION, bytes)?,
        };
        if is_there {
            let signer = key.verifying_key().to_bytes();
            let keys: Vec<Key> = envelope.keys()?.into_iter().collect();
            return report(args, &run, &signer, &keys, car, is_new);
        }
    }
    anyhow::bail!(
        "others signed at the same moment, {ATTEMPTS} times in a row; the same command adds your signature to theirs"
    )
}

fn envelope_in(store: &Store) -> anyhow::Result<Option<(Bytes, UpdateVersion)>> {
    match store.find_version(ATTESTATION, MOST_BYTES) {
        Err(error @ StoreError::TooLarge { .. }) => Err(Usage(error.to_string()).into()),
        read => Ok(read?),
    }
}

fn sign(envelope: &mut Envelope, key: &SigningKey) -> anyhow::Result<()> {
    let signature = key.sign(&envelope.signed_bytes()?);
    envelope.add(&key.verifying_key().to_bytes(), &signature.to_bytes());
    Ok(())
}

fn report(
    args: &Args,
    run: &Run,
    signer: &Key,
    keys: &[Key],
    car: Cid,
    is_new: bool,
) -> anyhow::Result<Ending> {
    let (epoch, location) = (&run.manifest.reward_epoch, run.store.location());
    let signer = encode(signer);
    if args.json {
        say_json(&json!({
            "reward_epoch": epoch,
            "location": format!("{location}/{ATTESTATION}"),
            "signer": signer,
            "signers": keys.iter().map(|key| encode(key)).collect::<Vec<_>>(),
            "car": car,
            "added": is_new,
        }))?;
        return Ok(Ending::Fine);
    }
    let did = if is_new { "Signed" } else { "Already signed:" };
    let signatures = match keys.len() {
        1 => "1 signature".to_owned(),
        several => format!("{several} signatures"),
    };
    say(&format!(
        "{did} epoch {epoch} as {signer}\n{location}/{ATTESTATION} has {signatures}\nroot {car}\n"
    ))
    .context("stdout")?;
    Ok(Ending::Fine)
}
