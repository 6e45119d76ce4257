//! ingest: what is in a stored object.
//!
//! The bytes of one object become fixes or an image with all its features, and an object verdict
//! (clauses O). Nothing an object holds can stop a run: what cannot be read says where it broke.

pub mod civil_time;
pub mod decimal;
mod image;
mod kind;
pub mod metadata;
mod number;
pub mod picture;
pub mod signature;
pub mod text;
pub mod trace;
pub mod unpack;

use cairn_datasets::digest::Digest;
use cairn_datasets::ids::is_contributor_id;
use cairn_datasets::tables::{Fingerprint, Fix, Object, Shot, Upload};
use cairn_datasets::units::Timestamp;
use cairn_datasets::verdict::{Finding, Reason, Verdict};

use self::kind::Kind;
use self::picture::{PictureError, PictureLimits};
use self::signature::Signature;
use self::trace::{TraceContent, TraceFormat, TraceLimits};
use self::unpack::unpack;
use crate::groups::{OUTSIDE, bucket_group, session_group};
use crate::kernel::{Cut, StageError};
use crate::policy::IngestPolicy;

/// Reads objects.
#[derive(Clone, Debug)]
pub struct IngestKernel {
    /// Clauses O.
    pub policy: IngestPolicy,
    /// First and last moment (the latter not included) of an epoch that is not `all`: an object
    /// of unknown upload time belongs to it when its latest capture does.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Groups in which equal digests meet.
    pub buckets: u32,
}

/// What some objects gave.
#[derive(Clone, Debug, Default)]
pub struct Ingested {
    objects: Vec<Object>,
    /// Each object's, after the group that they are cut for.
    fixes: Vec<(String, Vec<Fix>)>,
    shots: Vec<(String, Shot)>,
    fingerprints: Vec<(String, Fingerprint)>,
    outside: Vec<Object>,
}

impl Ingested {
    /// Takes another object's rows in.
    pub fn extend(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.fixes.extend(other.fixes);
        self.shots.extend(other.shots);
        self.fingerprints.extend(other.fingerprints);
        self.outside.extend(other.outside);
    }

    /// The objects, those outside of the epoch too.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter().chain(&self.outside)
    }

    /// The fixes, of one object after the other.
    pub fn fixes(&self) -> impl Iterator<Item = &Fix> {
        self.fixes.iter().flat_map(|(_, fixes)| fixes)
    }

    /// The images.
    pub fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.shots.iter().map(|(_, shot)| shot)
    }

    /// The rows cut for the rounds that follow.
    ///
    /// # Errors
    /// [`StageError`] when two objects have the same path.
    pub fn into_cuts(self) -> Result<Vec<Cut>, StageError> {
        let objects = self
            .objects
            .into_iter()
            .map(|o| (session_group(&o.contributor, &o.session), o));
        let mut cuts = Cut::by_group(objects)?;
        let fixes = self.fixes.into_iter();
        cuts.extend(Cut::by_group(fixes.flat_map(|(group, fixes)| {
            fixes.into_iter().map(move |fix| (group.clone(), fix))
        }))?);
        cuts.extend(Cut::by_group(self.shots)?);
        cuts.extend(Cut::by_group(self.fingerprints)?);
        cuts.extend(Cut::by_group(
            self.outside.into_iter().map(|o| (OUTSIDE.to_owned(), o)),
        )?);
        Ok(cuts)
    }
}

/// How many first bytes tell what an object is.
const HEAD_BYTES: u64 = 4096;

/// Gives the first bytes of the object at a path, or all of them; `None` when there is no such object. The path is that of the
/// upload or of its sidecar.
pub type Fetch<'a, B, E> = &'a dyn Fn(&str, Option<u64>) -> Result<Option<B>, E>;

impl IngestKernel {
    /// Its name and version.
    pub const ID: &'static str = "ingest/3";

    /// Everything besides the object that the result depends on.
    #[must_use]
    pub fn settings(&self) -> serde_json::Value {
        serde_json::json!({ "ingest": self.policy, "span": self.span, "buckets": self.buckets })
    }

    /// Reads one object.
    ///
    /// # Errors
    /// Only what `fetch` fails with.
    pub fn read<B: AsRef<[u8]>, E>(&self, upload: &Upload, fetch: Fetch<'_, B, E>) -> Result<Ingested, E> {
        let mut object = blank_object(upload);
        if let Some(finding) = self.too_large(upload, fetch)? {
            object.decide(finding);
            return Ok(Ingested {
                objects: vec![object],
                ..Ingested::default()
            });
        }
        let Some(bytes) = fetch(&upload.path, None)? else {
            object.decide(Finding::plain(Reason::Unreadable));
            let why = if upload.version.is_empty() {
                "is named in the manifest of uploads and is not in the source"
            } else {
                "lies in the source under a name that cannot be addressed; rename it"
            };
            why.clone_into(&mut object.detail);
            return Ok(Ingested {
                objects: vec![object],
                ..Ingested::default()
            });
        };
        let sidecar = match &upload.sidecar {
            // One byte more than the limit tells that there is more.
            Some(path) => fetch(path, Some(self.policy.max_sidecar_bytes.saturating_add(1)))?,
            None => None,
        };
        let sidecar = sidecar.as_ref().map(AsRef::as_ref);
        Ok(self.read_bytes(object, upload, bytes.as_ref(), sidecar))
    }

    fn too_large<B: AsRef<[u8]>, E>(
        &self,
        upload: &Upload,
        fetch: Fetch<'_, B, E>,
    ) -> Result<Option<Finding>, E> {
        let over = |limit: u64| Some(over_limit(upload.bytes, limit));
        if upload.bytes > self.policy.max_trace_bytes.max(self.policy.max_image_bytes) {
            return Ok(over(self.policy.max_trace_bytes));
        }
        let limits = [
            self.policy.max_image_bytes,
            self.policy.max_trace_bytes,
            self.policy.max_sidecar_bytes,
        ];
        if limits.iter().all(|limit| upload.bytes <= *limit) {
            return Ok(None);
        }
        let head = fetch(&upload.path, Some(HEAD_BYTES))?;
        let kind = head.map_or(Kind::Unknown(""), |head| Kind::of(&upload.path, head.as_ref()));
        let limit = match kind {
            kind if kind.is_image() => self.policy.max_image_bytes,
            Kind::Sidecar => self.policy.max_sidecar_bytes,
            _ => self.policy.max_trace_bytes,
        };
        Ok(if upload.bytes > limit { over(limit) } else { None })
    }

    fn read_bytes(
        &self,
        mut object: Object,
        upload: &Upload,
        bytes: &[u8],
        sidecar: Option<&[u8]>,
    ) -> Ingested {
        let sha256 = Digest::of(bytes);
        object.sha256 = Some(sha256);
        let believed = sidecar.filter(|sidecar| !self.refuses_sidecar(upload, sidecar));
        let (fixes, shot) = self.read_content(&mut object, sha256, upload, bytes, believed);
        if sidecar.is_some() && believed.is_none() {
            let known = std::mem::take(&mut object.detail);
            let said = [known.as_str(), "its sidecar was refused (O5)"];
            object.detail = said
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect::<Vec<_>>()
                .join("; ");
        }
        Self::check_upload(&mut object, upload, sha256);
        if self.is_outside(&object) {
            return Ingested {
                outside: vec![object],
                ..Ingested::default()
            };
        }
        let mut rows = Ingested::default();
        if object.verdict == Verdict::Kept {
            let group = session_group(&object.contributor, &object.session);
            if !fixes.is_empty() {
                let print = trace_fingerprint(&object, sha256, group.clone(), None);
                rows.fingerprints
                    .push((bucket_group(&sha256, self.buckets), print));
                rows.fixes.push((group.clone(), fixes));
            }
            rows.shots = shot.into_iter().map(|shot| (group.clone(), shot)).collect();
        } else {
            // Nobody asks whether it is private (X1), so that its row does not say when it was recorded.
            object.captured_at = None;
        }
        rows.objects.push(object);
        rows
    }

    fn read_content(
        &self,
        object: &mut Object,
        sha256: Digest,
        upload: &Upload,
        bytes: &[u8],
        sidecar: Option<&[u8]>,
    ) -> (Vec<Fix>, Option<Shot>) {
        let unpacked = match unpack(&upload.path, bytes, self.policy.max_trace_bytes) {
            Ok(unpacked) => unpacked,
            Err(error) => {
                object.decide(over_limit(error.limit.saturating_add(1), error.limit));
                object.detail = error.to_string();
                return (Vec::new(), None);
            }
        };
        let kind = Kind::of(unpacked.name, &unpacked.bytes);
        kind.name().clone_into(&mut object.kind);
        kind.format(&unpacked.bytes).clone_into(&mut object.format);
        let (mut fixes, mut shot) = (Vec::new(), None);
        match kind {
            Kind::Unknown(what) => {
                object.decide(Finding::plain(Reason::UnknownKind));
                what.clone_into(&mut object.detail);
            }
            Kind::Image => {
                let size = u64::try_from(unpacked.bytes.len()).unwrap_or(u64::MAX);
                if size > self.policy.max_image_bytes {
                    object.decide(over_limit(size, self.policy.max_image_bytes));
                } else {
                    shot = self.read_image(object, sha256, &unpacked.bytes, sidecar);
                }
            }
            Kind::UnreadImage(format) => {
                object.decide(Finding::plain(Reason::UnknownKind));
                object.detail = image::unread(format, &unpacked.bytes, sidecar);
            }
            Kind::Sidecar => image::read_sidecar(object, upload.describes, &unpacked.bytes),
            Kind::Trace(format) => fixes = self.read_trace(object, format, &unpacked.bytes),
            Kind::Video => fixes = self.read_trace(object, TraceFormat::Video, &unpacked.bytes),
        }
        if let Some(fault) = unpacked.fault {
            let known = std::mem::take(&mut object.detail);
            object.detail = if known.is_empty() {
                fault
            } else {
                format!("{fault}; {known}")
            };
        }
        (fixes, shot)
    }

    fn read_image(
        &self,
        object: &mut Object,
        sha256: Digest,
        bytes: &[u8],
        sidecar: Option<&[u8]>,
    ) -> Option<Shot> {
        let limits = PictureLimits {
            max_pixels: self.policy.max_pixels,
        };
        let picture = match picture::read(bytes, limits) {
            Ok(picture) => picture,
            Err(error) => {
                object.decide(match error {
                    PictureError::TooManyPixels { width, height, limit } => Finding::measured(
                        Reason::TooManyPixels,
                        i64::from(width).saturating_mul(i64::from(height)),
                        i64::try_from(limit).unwrap_or(i64::MAX),
                    ),
                    _ => Finding::plain(Reason::Unreadable),
                });
                object.detail = error.to_string();
                return None;
            }
        };
        let mut said: Vec<String> = picture.fault.iter().cloned().collect();
        let limit = self.policy.max_sidecar_bytes;
        let within = |packet: &&[u8]| u64::try_from(packet.len()).is_ok_and(|length| length <= limit);
        let small = sidecar.filter(within);
        if sidecar.is_some() && small.is_none() {
            said.push(format!("its sidecar is over {limit} bytes and was not read"));
        }
        let metadata = metadata::read_with_sidecar(bytes, small);
        said.extend(image::remarks(&metadata));
        let shot = image::shot(object, sha256, &picture, metadata);
        object.images = 1;
        object.captured_at = shot.captured_at;
        object.detail = said.join("; ");
        Some(shot)
    }

    fn read_trace(&self, object: &mut Object, format: TraceFormat, bytes: &[u8]) -> Vec<Fix> {
        let limits = TraceLimits {
            max_points: self.policy.max_trace_points,
            max_depth: u32::try_from(self.policy.max_xml_depth).unwrap_or(u32::MAX),
            max_entities: self.policy.max_xml_entities,
            ..TraceLimits::default()
        };
        match trace::read_trace(format, bytes, &limits) {
            Ok(content) => {
                object.detail = content.described();
                object.captured_at = content
                    .fixes
                    .iter()
                    .filter_map(|f| f.time_us)
                    .max()
                    .map(Timestamp::from_micros);
                if content.fixes.is_empty() {
                    object.decide(Finding::plain(Reason::Unreadable));
                }
                let fixes = fixes(&object.path, content);
                object.fixes = u32::try_from(fixes.len()).unwrap_or(u32::MAX);
                fixes
            }
            Err(error) => {
                object.decide(Finding::plain(Reason::Unreadable));
                object.detail = error.to_string();
                Vec::new()
            }
        }
    }

    /// O5 and O7: clauses on who sent it and what was promised; they come after those on the bytes.
    /// What the signature is (E11) is said of every object that was read.
    fn check_upload(object: &mut Object, upload: &Upload, sha256: Digest) {
        let signature = Signature::of(upload, &sha256);
        signature.name().clone_into(&mut object.signature);
        if object.verdict != Verdict::Kept {
            return;
        }
        if let Some((reason, why)) = broken_promise(upload, sha256, signature) {
            object.decide(Finding::plain(reason));
            object.detail = why;
        } else if !is_contributor_id(&object.contributor) {
            object.decide(Finding::plain(Reason::ContributorId));
            "an id has 1 to 128 of A-Z a-z 0-9 . _ : -".clone_into(&mut object.detail);
        }
    }

    /// Whether a sidecar is one that O5 rejects, of which nothing may be believed. One over the limit is
    /// not whole here, and is not read anyway.
    fn refuses_sidecar(&self, upload: &Upload, bytes: &[u8]) -> bool {
        let is_whole = u64::try_from(bytes.len()).is_ok_and(|length| length <= self.policy.max_sidecar_bytes);
        is_whole
            && upload.of_sidecar().is_some_and(|sidecar| {
                let sha256 = Digest::of(bytes);
                broken_promise(&sidecar, sha256, Signature::of(&sidecar, &sha256)).is_some()
            })
    }

    fn is_outside(&self, object: &Object) -> bool {
        let (Some((start, end)), None, Some(captured)) = (self.span, object.uploaded_at, object.captured_at)
        else {
            return false;
        };
        !(start..end).contains(&captured)
    }
}

/// O5: what was promised of an object and is not so.
fn broken_promise(upload: &Upload, sha256: Digest, signature: Signature) -> Option<(Reason, String)> {
    if let Some(claimed) = upload.claimed_sha256.filter(|claimed| *claimed != sha256) {
        let why = format!("the manifest of uploads promises SHA-256 {claimed}");
        Some((Reason::DigestMismatch, why))
    } else if let Signature::Invalid(why) = signature {
        Some((Reason::SignatureMismatch, why.to_string()))
    } else {
        None
    }
}

/// O1.
fn over_limit(bytes: u64, limit: u64) -> Finding {
    let number = |v: u64| i64::try_from(v).unwrap_or(i64::MAX);
    Finding::measured(Reason::TooLarge, number(bytes), number(limit))
}

fn blank_object(upload: &Upload) -> Object {
    Object {
        path: upload.path.clone(),
        contributor: upload.contributor.clone(),
        session: upload.session.clone(),
        device: upload.device.clone(),
        uploaded_at: upload.uploaded_at,
        bytes: upload.bytes,
        sha256: None,
        signature: Signature::of_unread(upload).name().to_owned(),
        kind: Kind::Unknown("").name().to_owned(),
        format: String::new(),
        verdict: Verdict::Kept,
        reason: Reason::None,
        detail: String::new(),
        measured: None,
        threshold: None,
        duplicate_of: None,
        duplicate_epoch: None,
        images: 0,
        fixes: 0,
        kept_fixes: 0,
        private_images: 0,
        private_fixes: 0,
        captured_at: None,
    }
}

/// The digest of a trace's bytes, for O6.
pub(crate) fn trace_fingerprint(
    object: &Object,
    sha256: Digest,
    home: String,
    history: Option<u32>,
) -> Fingerprint {
    Fingerprint {
        digest: sha256,
        clause: Reason::SameBytes,
        history,
        path: object.path.clone(),
        ordinal: 0,
        id: Digest::of(object.path.as_bytes()),
        uploaded_at: object.uploaded_at,
        contributor: object.contributor.clone(),
        passed: true,
        lat_e7: None,
        lon_e7: None,
        home,
    }
}

fn fixes(path: &str, content: TraceContent) -> Vec<Fix> {
    let numbered = (0_u32..).zip(content.fixes);
    numbered
        .map(|(ordinal, raw)| Fix {
            path: path.to_owned(),
            ordinal,
            segment: raw.segment,
            captured_at: raw.time_us.map(Timestamp::from_micros),
            lat_e7: raw.lat_e7,
            lon_e7: raw.lon_e7,
            accuracy_mm: raw.accuracy_mm,
            hdop_milli: raw.hdop_milli,
            satellites: raw.satellites,
            fix_3d: raw.fix_3d,
        })
        .collect()
}

#[cfg(test)]
mod privacy_tests;
#[cfg(test)]
#[path = "ingest_tests.rs"]
mod tests;
