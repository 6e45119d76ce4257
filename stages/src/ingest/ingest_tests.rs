use std::convert::Infallible;

use super::*;

fn kernel() -> IngestKernel {
    IngestKernel {
        policy: IngestPolicy::default(),
        span: None,
        buckets: 8,
    }
}

fn upload(path: &str, bytes: &[u8]) -> Upload {
    Upload {
        contributor: "ada".into(),
        session: "monday".into(),
        ..Upload::listed(path, bytes.len() as u64, "1")
    }
}

fn read_with(kernel: &IngestKernel, upload: &Upload, bytes: Option<&[u8]>) -> Ingested {
    read_beside(kernel, upload, bytes, None)
}

fn read_beside(
    kernel: &IngestKernel,
    upload: &Upload,
    bytes: Option<&[u8]>,
    sidecar: Option<&[u8]>,
) -> Ingested {
    let fetch = |path: &str, head: Option<u64>| -> Result<Option<Vec<u8>>, Infallible> {
        let most = head.map_or(usize::MAX, |n| usize::try_from(n).unwrap());
        let bytes = if path == upload.path { bytes } else { sidecar };
        Ok(bytes.map(|b| b[..b.len().min(most)].to_vec()))
    };
    match kernel.read(upload, &fetch) {
        Ok(rows) => rows,
    }
}

fn verdict(path: &str, bytes: &[u8]) -> Object {
    read_with(&kernel(), &upload(path, bytes), Some(bytes))
        .objects
        .remove(0)
}

const GPX: &[u8] = br#"<gpx version="1.1"><trk><trkseg>
  <trkpt lat="55.7" lon="13.19"><time>2026-05-11T06:00:00Z</time></trkpt>
</trkseg></trk></gpx>"#;
const JPEG: &[u8] = include_bytes!("picture/fixtures/baseline.jpg");

#[test]
fn a_trace_gives_its_fixes_and_a_fingerprint() {
    let rows = read_with(&kernel(), &upload("ada/monday/a.gpx", GPX), Some(GPX));
    assert_eq!(rows.objects[0].verdict, Verdict::Kept);
    assert_eq!((rows.fixes.len(), rows.fingerprints.len()), (1, 1));
    assert_eq!(rows.fixes[0].0, "session=ada/monday");
    assert_eq!(rows.objects[0].captured_at, "2026-05-11T06:00:00Z".parse().ok());
}

#[test]
fn an_image_gives_one_shot_whatever_its_name_says() {
    let rows = read_with(&kernel(), &upload("ada/monday/notes.txt", JPEG), Some(JPEG));
    assert_eq!((rows.objects[0].kind.as_str(), rows.shots.len()), ("image", 1));
}

#[test]
fn policy_o1_too_large_says_size_and_limit_and_reads_no_more_than_the_head() {
    let mut kernel = kernel();
    kernel.policy.max_image_bytes = 1_000;
    let object = read_with(&kernel, &upload("a.jpg", JPEG), Some(JPEG))
        .objects
        .remove(0);
    assert_eq!(object.reason, Reason::TooLarge);
    assert_eq!(
        (object.measured, object.threshold),
        (i64::try_from(JPEG.len()).ok(), Some(1_000))
    );
    assert_eq!(object.sha256, None);
}

#[test]
fn policy_o2_names_what_it_may_be() {
    let zip = verdict("a.zip", b"PK\x03\x04....");
    assert_eq!((zip.reason, zip.format.as_str()), (Reason::UnknownKind, ""));
    assert!(zip.detail.contains("ZIP"), "{}", zip.detail);
    let text = verdict("a.jpg", b"hello, I am no picture");
    assert!(text.detail.contains("first bytes"), "{}", text.detail);
}

#[test]
fn a_wrapped_trace_is_read_and_its_digest_is_of_the_stored_bytes() {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut writer, GPX).unwrap();
    let packed = writer.finish().unwrap();
    let object = verdict("ada/monday/a.gpx.gz", &packed);
    assert_eq!(
        (object.verdict, object.fixes, object.format.as_str()),
        (Verdict::Kept, 1, "GPX")
    );
    assert_eq!(object.sha256, Some(Digest::of(&packed)));
}

#[test]
fn policy_o1_holds_for_what_is_in_an_archive() {
    let mut kernel = kernel();
    kernel.policy.max_trace_bytes = 1_000;
    let packed = zstd::stream::encode_all([0_u8; 5_000].as_slice(), 1).unwrap();
    let object = read_with(&kernel, &upload("a.gpx.zst", &packed), Some(&packed))
        .objects
        .remove(0);
    assert_eq!((object.reason, object.threshold), (Reason::TooLarge, Some(1_000)));
    assert!(
        object.detail.contains("1000 bytes when decompressed"),
        "{}",
        object.detail
    );
}

#[test]
fn policy_o3_says_where_it_broke() {
    let object = verdict("a.jpg", &JPEG[..40]);
    assert_eq!(object.reason, Reason::Unreadable);
    assert!(object.detail.contains("byte"), "{}", object.detail);
    let missing = read_with(&kernel(), &upload("gone.jpg", JPEG), None)
        .objects
        .remove(0);
    assert_eq!(missing.reason, Reason::Unreadable);
}

#[test]
fn a_trace_cut_in_the_middle_keeps_what_precedes_and_says_so() {
    let object = verdict("a.gpx", &GPX[..GPX.len() - 20]);
    assert_eq!((object.verdict, object.fixes), (Verdict::Kept, 1));
    assert!(object.detail.contains("byte"), "{}", object.detail);
}

#[test]
fn policy_o4_more_pixels_than_the_limit() {
    let mut kernel = kernel();
    kernel.policy.max_pixels = 10;
    let object = read_with(&kernel, &upload("a.jpg", JPEG), Some(JPEG))
        .objects
        .remove(0);
    assert_eq!(
        (object.reason, object.threshold),
        (Reason::TooManyPixels, Some(10))
    );
}

#[test]
fn policy_o5_bytes_that_were_not_promised() {
    let mut promised = upload("a.gpx", GPX);
    promised.claimed_sha256 = Some(Digest::of(b"something else"));
    let rows = read_with(&kernel(), &promised, Some(GPX));
    assert_eq!(rows.objects[0].reason, Reason::DigestMismatch);
    assert!(rows.fixes.is_empty() && rows.fingerprints.is_empty());
}

#[test]
fn policy_o5_a_signature_comes_after_what_the_bytes_say() {
    use ed25519_dalek::{Signer, SigningKey};
    let signer = SigningKey::from_bytes(&[7; 32]);
    let signed = |bytes: &[u8], over: &[u8]| {
        let hex = signer
            .sign(&Digest::of(over).0)
            .to_bytes()
            .map(|byte| format!("{byte:02x}"));
        let upload = Upload {
            device: Some("cam".into()),
            signature: Some(hex.concat()),
            device_key: Some(signer.verifying_key().to_bytes().into()),
            device_contributor: Some("ada".into()),
            has_registered_key: true,
            ..upload("a.gpx", bytes)
        };
        let mut rows = read_with(&kernel(), &upload, Some(bytes));
        (rows.objects.remove(0), rows.fixes.len() + rows.fingerprints.len())
    };
    let (good, rows) = signed(GPX, GPX);
    assert_eq!(
        (good.reason, good.signature.as_str(), rows),
        (Reason::None, "valid", 2)
    );
    assert_eq!(good.device.as_deref(), Some("cam"));
    let (other, rows) = signed(GPX, JPEG);
    assert_eq!(
        (other.reason, other.signature.as_str(), rows),
        (Reason::SignatureMismatch, "invalid", 0)
    );
    let (unreadable, _) = signed(b"no trace", b"no trace");
    assert_eq!(
        (unreadable.reason, unreadable.signature.as_str()),
        (Reason::Unreadable, "valid")
    );
}

#[test]
fn policy_o7_an_id_with_a_space_is_refused_after_the_bytes_were_read() {
    let mut unnamed = upload("a.gpx", GPX);
    unnamed.contributor = "ada lovelace".into();
    assert_eq!(
        read_with(&kernel(), &unnamed, Some(GPX)).objects[0].reason,
        Reason::ContributorId
    );
    let mut broken = upload("a.doc", b"??");
    broken.contributor = "ada lovelace".into();
    assert_eq!(
        read_with(&kernel(), &broken, Some(b"??")).objects[0].reason,
        Reason::UnknownKind
    );
}

#[test]
fn policy_epoch_an_object_of_unknown_upload_time_belongs_where_its_captures_do() {
    let mut kernel = kernel();
    let day = |text: &str| text.parse::<Timestamp>().unwrap();
    kernel.span = Some((day("2026-05-11T00:00:00Z"), day("2026-05-18T00:00:00Z")));
    assert_eq!(
        read_with(&kernel, &upload("a.gpx", GPX), Some(GPX)).objects.len(),
        1
    );
    kernel.span = Some((day("2026-05-18T00:00:00Z"), day("2026-05-25T00:00:00Z")));
    let rows = read_with(&kernel, &upload("a.gpx", GPX), Some(GPX));
    assert_eq!(
        (rows.objects.len(), rows.outside.len(), rows.fixes.len()),
        (0, 1, 0)
    );
}

const SIDECAR: &[u8] = br"<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>
  <rdf:Description exif:GPSLatitude='55,42.3N' exif:GPSLongitude='13,11.5E' tiff:Make='Jane jane@example.org'>
  <dc:creator><rdf:Seq><rdf:li>Jane Doe</rdf:li></rdf:Seq></dc:creator>
  <exif:DateTimeOriginal>2026-05-11T08:00:00+02:00</exif:DateTimeOriginal></rdf:Description></rdf:RDF></x:xmpmeta>";

fn with_sidecar(path: &str, bytes: &[u8]) -> Upload {
    Upload {
        sidecar: Some(format!("{path}.xmp")),
        sidecar_version: Some("1".into()),
        ..upload(path, bytes)
    }
}

#[test]
fn a_sidecar_fills_what_the_image_lacks_and_names_nobody() {
    let rows = read_beside(&kernel(), &with_sidecar("a.jpg", JPEG), Some(JPEG), Some(SIDECAR));
    let shot = &rows.shots[0].1;
    assert_eq!((shot.lat_e7, shot.lon_e7), (Some(557_050_000), Some(131_916_667)));
    assert_eq!(shot.captured_at, "2026-05-11T06:00:00Z".parse().ok());
    assert_eq!(shot.time_source, "offset");
    let shown = format!("{rows:?}").to_lowercase();
    assert!(!shown.contains("jane"), "{shown}");
    let alone = read_with(&kernel(), &upload("a.jpg", JPEG), Some(JPEG));
    assert_eq!(alone.shots[0].1.lat_e7, None);
    let gone = read_beside(&kernel(), &with_sidecar("a.jpg", JPEG), Some(JPEG), None);
    assert_eq!(gone.shots, alone.shots, "a sidecar that is gone says nothing");
}

#[test]
fn policy_o1_a_sidecar_over_the_limit_is_not_read_and_says_so() {
    let mut kernel = kernel();
    kernel.policy.max_sidecar_bytes = 100;
    let rows = read_beside(&kernel, &with_sidecar("a.jpg", JPEG), Some(JPEG), Some(SIDECAR));
    assert_eq!(
        (rows.objects[0].verdict, rows.shots[0].1.lat_e7),
        (Verdict::Kept, None)
    );
    assert!(
        rows.objects[0].detail.contains("over 100 bytes"),
        "{}",
        rows.objects[0].detail
    );
    let object = read_with(&kernel, &upload("a.jpg.xmp", SIDECAR), Some(SIDECAR))
        .objects
        .remove(0);
    assert_eq!((object.reason, object.threshold), (Reason::TooLarge, Some(100)));
}

#[test]
fn policy_o5_a_sidecar_that_is_not_what_was_promised_places_no_image() {
    let alone = read_with(&kernel(), &upload("a.jpg", JPEG), Some(JPEG));
    let refused = |upload: Upload| {
        let rows = read_beside(&kernel(), &upload, Some(JPEG), Some(SIDECAR));
        assert_eq!(rows.objects[0].verdict, Verdict::Kept);
        assert_eq!(
            rows.shots == alone.shots,
            rows.objects[0].detail.contains("refused (O5)")
        );
        rows.shots == alone.shots
    };
    let promised = |bytes: &[u8]| Upload {
        sidecar_claimed_sha256: Some(Digest::of(bytes)),
        ..with_sidecar("a.jpg", JPEG)
    };
    assert!(!refused(promised(SIDECAR)) && refused(promised(b"other")));
    // A signature without a device is as good as none, and none is owed.
    let unsigned = with_sidecar("a.jpg", JPEG);
    assert!(!refused(unsigned.clone()));
    assert!(refused(Upload {
        sidecar_signature: Some("00".repeat(64)),
        ..unsigned
    }));
}

#[test]
fn policy_x1_a_rejected_object_does_not_say_when_it_was_recorded() {
    for bytes in [GPX, JPEG] {
        let mut promised = with_sidecar("a", bytes);
        promised.claimed_sha256 = Some(Digest::of(b"something else"));
        let rows = read_beside(&kernel(), &promised, Some(bytes), Some(SIDECAR));
        assert_eq!(
            (rows.objects[0].reason, rows.objects[0].captured_at),
            (Reason::DigestMismatch, None)
        );
    }
    // It still belongs to the epoch of its capture.
    let mut kernel = kernel();
    let day = |text: &str| text.parse::<Timestamp>().unwrap();
    kernel.span = Some((day("2026-05-18T00:00:00Z"), day("2026-05-25T00:00:00Z")));
    let mut promised = upload("a.gpx", GPX);
    promised.claimed_sha256 = Some(Digest::of(b"something else"));
    assert_eq!(read_with(&kernel, &promised, Some(GPX)).outside.len(), 1);
}

#[test]
fn a_sidecar_is_kept_for_what_it_describes() {
    let of = |describes| {
        let upload = Upload {
            describes,
            ..upload("ada/monday/a.jpg.xmp", SIDECAR)
        };
        read_with(&kernel(), &upload, Some(SIDECAR)).objects.remove(0)
    };
    let object = of(2);
    assert_eq!((object.kind.as_str(), object.verdict), ("sidecar", Verdict::Kept));
    assert_eq!(object.detail, "describes 2 images");
    assert_eq!(of(0).reason, Reason::UnknownKind);
    assert!(of(0).detail.starts_with("describes no image"));
    let other = verdict("a.xmp", b"<?xml version='1.0'?><library/>");
    assert_eq!(
        (other.kind.as_str(), other.reason),
        ("sidecar", Reason::Unreadable)
    );
}

#[test]
fn policy_o2_a_picture_that_cannot_be_read_says_whether_it_had_a_place_and_a_time() {
    let heic = include_bytes!("metadata/fixtures/photo.heic");
    let object = verdict("a.heic", heic);
    assert_eq!(
        (object.kind.as_str(), object.reason),
        ("image", Reason::UnknownKind)
    );
    assert_eq!(
        object.detail,
        "is a HEIC picture, whose pixels this version cannot read; its metadata holds a position and a time"
    );
    let bare = verdict("a.heic", include_bytes!("metadata/fixtures/bare.heic"));
    assert!(
        bare.detail.ends_with("; its metadata was not read"),
        "{}",
        bare.detail
    );
    let gif = verdict("a.gif", b"GIF89a\x01\0\x01\0");
    assert_eq!((gif.kind.as_str(), gif.reason), ("image", Reason::UnknownKind));
    assert_eq!(
        gif.detail,
        "is a GIF picture, whose pixels this version cannot read"
    );
}

#[test]
fn an_upload_whose_sidecar_changes_is_another_upload() {
    use cairn_datasets::table::Row;
    let upload = with_sidecar("a.jpg", JPEG);
    let changed = Upload {
        sidecar_version: Some("2".into()),
        ..upload.clone()
    };
    assert_ne!(upload.digest(), changed.digest());
    let described = Upload {
        describes: 3,
        ..upload.clone()
    };
    assert_ne!(upload.digest(), described.digest());
}

#[test]
fn policy_o3_a_video_without_a_track_is_unreadable_and_says_so() {
    let video = b"\0\0\0\x14ftypisom\0\0\0\0isom\0\0\0\x08mdat\0\0\0\x08moov";
    let object = verdict("ada/monday/clip.mp4", video);
    assert_eq!(
        (object.kind.as_str(), object.reason),
        ("video", Reason::Unreadable)
    );
    assert_eq!(
        object.detail,
        "no GPS track was found; frames are not used; holds no recorded fix"
    );
}

#[test]
fn what_broke_in_the_metadata_of_an_image_is_said() {
    let tiff = metadata::fixture::Tiff::default()
        .short(metadata::fixture::In::Main, 0x0112, 9)
        .rationals(metadata::fixture::In::Gps, 0x11, &[(0, 0)]);
    let made = tiff.jpeg("");
    // Segments of metadata, then the picture without its own start.
    let bytes = [&made[..made.len() - 2 - 13], &JPEG[2..]].concat();
    assert_eq!(
        verdict("a.jpg", &bytes).detail,
        "EXIF GPSImgDirection has no usable value; EXIF Orientation has no usable value"
    );
}
