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
        path: path.into(),
        contributor: "ada".into(),
        session: "monday".into(),
        uploaded_at: None,
        claimed_sha256: None,
        device: None,
        signature: None,
        sidecar: None,
        sidecar_version: None,
        bytes: bytes.len() as u64,
        version: "1".into(),
    }
}

fn read_with(kernel: &IngestKernel, upload: &Upload, bytes: Option<&[u8]>) -> Ingested {
    let fetch = |head: Option<u64>| -> Result<Option<Vec<u8>>, Infallible> {
        let most = head.map_or(usize::MAX, |n| usize::try_from(n).unwrap());
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
    assert_eq!(
        verdict("a.fit", b"\x0e\x10\x6c\x08\x00\x00\x00\x00.FIT").reason,
        Reason::UnknownKind
    );
    assert!(
        verdict("a.fit", b"\x0e\x10\x6c\x08\x00\x00\x00\x00.FIT")
            .detail
            .contains("FIT")
    );
    assert!(
        verdict("a.jpg", b"hello, I am no picture")
            .detail
            .contains("first bytes")
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
fn policy_o7_an_id_with_a_space_is_refused_after_the_bytes_were_read() {
    let mut unnamed = upload("a.gpx", GPX);
    unnamed.contributor = "ada lovelace".into();
    assert_eq!(
        read_with(&kernel(), &unnamed, Some(GPX)).objects[0].reason,
        Reason::ContributorId
    );
    let mut broken = upload("a.fit", b"??");
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
