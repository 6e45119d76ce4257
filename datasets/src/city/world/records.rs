//! The truth of files as rows.

use super::World;
use super::item::{Content, Item};
use crate::tables::TrueRecord;
use crate::units::Timestamp;

impl World {
    /// What is true of a file: a row for the object, and one for its image or, if asked for, each of its fixes. In the
    /// order of the table's key.
    #[must_use]
    pub fn records(&self, item: &Item, with_fixes: bool) -> Vec<TrueRecord> {
        let known = &item.known;
        let object = TrueRecord {
            path: item.path.clone(),
            kind: "object".into(),
            ordinal: 0,
            contributor: item.contributor.clone(),
            session: item.session.clone(),
            device: item.device.clone(),
            attack: item
                .attack
                .map_or_else(String::new, |attack| attack.name().into()),
            label: known.label.name().into(),
            of_path: known.of.clone(),
            of_ordinal: None,
            true_lat_e7: None,
            true_lon_e7: None,
            true_at: None,
            detail: known.detail.clone(),
            noise_mm: known.noise_mm,
            kept_ppm: known.kept_ppm,
            shift_ms: known.shift_ms,
        };
        let really = |row: TrueRecord, real| {
            let Some((at, time_ms)) = real else { return row };
            let (lat_e7, lon_e7) = self.projection.to_e7(at);
            TrueRecord {
                true_lat_e7: Some(lat_e7),
                true_lon_e7: Some(lon_e7),
                true_at: Some(Timestamp(time_ms)),
                ..row
            }
        };
        let mut out = Vec::new();
        match &item.content {
            Content::Photo(_) => {
                let image = TrueRecord {
                    kind: "image".into(),
                    of_ordinal: known.of.as_ref().map(|_| 0),
                    ..object.clone()
                };
                out.push(really(image, known.real));
            }
            Content::Trace(_, fixes) if with_fixes => {
                for (ordinal, fix) in (0..).zip(fixes) {
                    let row = TrueRecord {
                        kind: "fix".into(),
                        ordinal,
                        of_path: fix.of.and_then(|_| object.of_path.clone()),
                        of_ordinal: fix.of,
                        // Said once, by the object.
                        detail: String::new(),
                        ..object.clone()
                    };
                    out.push(really(row, fix.truth));
                }
            }
            Content::Trace(..) => {}
        }
        out.push(object);
        out
    }
}
