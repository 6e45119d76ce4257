//! `devices.csv`: the keys by which devices sign what they record (O5, E11).

use std::collections::{BTreeMap, BTreeSet};

use cairn_datasets::digest::{Digest, canonical_json};
use cairn_datasets::tables::Upload;
use cairn_stages::ed25519::{KEY_BYTES, public_key};

use super::SourceError;
use super::beside::{Column, Kind, Table, optional_rows};
use super::manifest::MOST_DEVICE_BYTES;
use crate::store::Store;

const DEVICES: Table = Table {
    files: &["devices.csv"],
    columns: &[
        Column::required("device", Kind::Text),
        Column::required("contributor", Kind::Text),
        Column::required("ed25519_public_key", Kind::Bytes),
    ],
    most_bytes: 256 << 20,
};

/// A device as its contributor registered it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Registered {
    contributor: String,
    key: [u8; KEY_BYTES],
}

/// The registered devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Devices {
    by_name: BTreeMap<String, Registered>,
    contributors: BTreeSet<String>,
}

impl Devices {
    /// SHA-256 over devices, contributors and keys; nothing when there are none.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        let listed: serde_json::Map<String, serde_json::Value> = self
            .by_name
            .iter()
            .map(|(name, of)| {
                let key = Digest(of.key).to_string();
                (name.clone(), serde_json::json!([of.contributor, key]))
            })
            .collect();
        (!listed.is_empty()).then(|| Digest::of(canonical_json(&listed.into()).as_bytes()))
    }

    /// Puts to an upload what is registered of its device and its contributor: all that its signature is judged by.
    pub fn complete(&self, upload: &mut Upload) {
        let device = upload.device.as_ref().and_then(|name| self.by_name.get(name));
        upload.device_key = device.map(|of| of.key.to_vec());
        upload.device_contributor = device.map(|of| of.contributor.clone());
        upload.has_registered_key = self.contributors.contains(&upload.contributor);
    }
}

/// The registered devices of a source; none when it has no `devices.csv`.
///
/// # Errors
/// [`SourceError::Beside`] when the file is there and wrong.
pub fn devices(source: &Store) -> Result<Devices, SourceError> {
    let mut devices = Devices::default();
    let mut keys: BTreeMap<[u8; KEY_BYTES], String> = BTreeMap::new();
    for row in optional_rows(source, &DEVICES)? {
        let row = row?;
        let (name, contributor) = (row.filled("device")?, row.contributor()?);
        if name.len() > MOST_DEVICE_BYTES {
            let what = format!(
                "column `device` holds {} bytes; {MOST_DEVICE_BYTES} are the most",
                name.len()
            );
            return Err(row.fault(what));
        }
        let text = row.filled("ed25519_public_key")?;
        let key =
            public_key(text).map_err(|e| row.fault(format!("column `ed25519_public_key`: `{text}` {e}")))?;
        let registered = Registered {
            contributor: contributor.to_owned(),
            key,
        };
        if devices.by_name.insert(name.to_owned(), registered).is_some() {
            return Err(row.fault(format!(
                "device `{name}` is registered twice; a device has one contributor and one key"
            )));
        }
        // Public keys are public: whoever registers another's could pass off what that one signed.
        if let Some(other) = keys.insert(key, name.to_owned()) {
            return Err(row.fault(format!(
                "the key of device `{name}` is registered for device `{other}` too; give each device a key of its own"
            )));
        }
        devices.contributors.insert(contributor.to_owned());
    }
    Ok(devices)
}
