//! `cairn keys`: keys for devices and operators, and signatures with them, so that a network can try what its devices
//! will do.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use base64::prelude::{BASE64_STANDARD, Engine};
use cairn_datasets::digest::Digest;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signer, SigningKey};

use crate::cli::{Ending, Usage, say};
use crate::source::is_beside;
use crate::store::{Store, runtime};

/// What `cairn keys` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Action {
    /// Make a key pair: the private key goes to a file, the public one is printed.
    Generate {
        /// File for the private key (Ed25519, PKCS#8 in PEM); must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: String,
        #[command(flatten)]
        owner: Owner,
    },
    /// Print the public key of a private one.
    Public {
        /// File with the private key.
        #[arg(long, value_name = "FILE")]
        key: String,
        #[command(flatten)]
        owner: Owner,
    },
    /// Print path, SHA-256 and signature of objects, as columns of a manifest of uploads.
    Sign {
        /// File with the private key.
        #[arg(long, value_name = "FILE")]
        key: String,
        /// Name of the device, for a column of its own.
        #[arg(long, value_name = "ID")]
        device: Option<String>,
        /// Folder that the objects lie below; without any object named, all of them.
        #[arg(long, value_name = "URL", required_unless_present = "objects")]
        source: Option<String>,
        /// Objects: paths below the source, or files without one.
        #[arg(value_name = "OBJECT")]
        objects: Vec<String>,
    },
}

/// Whose key it is: with both, what is printed is a line of `devices.csv` with its header.
#[derive(Clone, Debug, clap::Args)]
struct Owner {
    /// Name of the device.
    #[arg(long, value_name = "ID", requires = "contributor")]
    device: Option<String>,
    /// Contributor that it belongs to.
    #[arg(long, value_name = "ID", requires = "device")]
    contributor: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: Args) -> anyhow::Result<Ending> {
    match args.action {
        Action::Generate { out, owner } => {
            let key = generate()?;
            write_private(Path::new(&out), &key)?;
            say(&owner.public(&key)?)?;
        }
        Action::Public { key, owner } => say(&owner.public(&read_private(&key)?)?)?,
        Action::Sign {
            key,
            device,
            source,
            objects,
        } => sign(
            &read_private(&key)?,
            device.as_deref(),
            source.as_deref(),
            objects,
        )?,
    }
    Ok(Ending::Fine)
}

impl Owner {
    fn public(&self, key: &SigningKey) -> anyhow::Result<String> {
        let public = BASE64_STANDARD.encode(key.verifying_key().to_bytes());
        let (Some(device), Some(contributor)) = (&self.device, &self.contributor) else {
            return Ok(format!("{public}\n"));
        };
        let mut lines = csv::Writer::from_writer(Vec::new());
        lines.write_record(["device", "contributor", "ed25519_public_key"])?;
        lines.write_record([device, contributor, &public])?;
        Ok(String::from_utf8(lines.into_inner()?)?)
    }
}

fn generate() -> anyhow::Result<SigningKey> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).context("the system gives no random bytes")?;
    Ok(SigningKey::from_bytes(&secret))
}

/// Writes the private key without the public one beside it: the form that every program reads.
fn write_private(path: &Path, key: &SigningKey) -> anyhow::Result<()> {
    let pair = KeypairBytes {
        secret_key: key.to_bytes(),
        public_key: None,
    };
    let text = pair.to_pkcs8_pem(LineEnding::LF).context("the key as PEM")?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            let text = format!(
                "--out {}: is there already; a key is never written over",
                path.display()
            );
            return Err(Usage(text).into());
        }
        opened => opened.with_context(|| format!("--out {}", path.display()))?,
    };
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("--out {}", path.display()))
}

pub(super) fn read_private(path: &str) -> anyhow::Result<SigningKey> {
    let text = std::fs::read_to_string(path).map_err(|e| Usage(format!("--key {path}: {e}")))?;
    let key = SigningKey::from_pkcs8_pem(&text).map_err(|e| {
        Usage(format!(
            "--key {path}: is no Ed25519 private key in PKCS#8 PEM ({e}); `cairn keys generate` makes one"
        ))
    })?;
    Ok(key)
}

fn sign(
    key: &SigningKey,
    device: Option<&str>,
    source: Option<&str>,
    objects: Vec<String>,
) -> anyhow::Result<()> {
    let store = match source {
        None => None,
        Some(location) => {
            let opened = Store::open(location, &runtime()?);
            Some(opened.map_err(|e| Usage(format!("--source: {e}")))?)
        }
    };
    let objects = match &store {
        Some(store) if objects.is_empty() => {
            let listed = store.list()?.into_iter().map(|found| found.path);
            listed.filter(|path| !is_beside(path)).collect()
        }
        _ => objects,
    };
    let mut lines = csv::Writer::from_writer(Vec::new());
    let columns = ["path", "sha256", "signature"].into_iter();
    lines.write_record(columns.chain(device.map(|_| "device")))?;
    for path in &objects {
        let digest = match &store {
            Some(store) => Digest::of(&store.get(path)?),
            None => Digest::of(&std::fs::read(path).map_err(|e| Usage(format!("{path}: {e}")))?),
        };
        let signature = BASE64_STANDARD.encode(key.sign(&digest.0).to_bytes());
        let values = [path.clone(), digest.to_string(), signature];
        lines.write_record(values.into_iter().chain(device.map(str::to_owned)))?;
    }
    say(&String::from_utf8(lines.into_inner()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, test 1, as another program writes it (Python's `cryptography`, PKCS#8 without the public key).
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
                       MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
                       -----END PRIVATE KEY-----\n";

    #[test]
    fn keys_are_read_and_written_as_other_programs_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("theirs.pem");
        std::fs::write(&path, PEM).unwrap();
        let key = read_private(&path.to_string_lossy()).unwrap();
        let owner = Owner {
            device: None,
            contributor: None,
        };
        assert_eq!(
            owner.public(&key).unwrap(),
            "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
        );
        let ours = folder.path().join("ours.pem");
        write_private(&ours, &key).unwrap();
        assert_eq!(std::fs::read_to_string(ours).unwrap(), PEM);
    }

    #[test]
    fn no_two_keys_are_alike() {
        assert_ne!(generate().unwrap().to_bytes(), generate().unwrap().to_bytes());
    }
}
