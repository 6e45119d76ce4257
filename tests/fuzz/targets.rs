//! What is fuzzed: every parser of bytes that somebody uploaded. The quick tests run the same targets on the seeds and on mutations of them.

use std::convert::Infallible;

use cairn_datasets::tables::Upload;
use cairn_stages::ingest::trace::{TraceContent, TraceFormat, TraceLimits, read_trace, sniff};
use cairn_stages::ingest::unpack::unpack;
use cairn_stages::ingest::{IngestKernel, metadata, picture};
use cairn_stages::policy::IngestPolicy;

/// The targets by name.
pub(crate) const TARGETS: &[&str] = &[
    "gpx",
    "csv",
    "nmea",
    "fit",
    "tcx",
    "geojson",
    "parquet",
    "gnss_logger",
    "gpmf",
    "video",
    "metadata",
    "sidecar",
    "picture",
    "unpack",
    "object",
];

/// Most bytes that an archive may hold here, and most pixels of a picture: what the limits of the policy are for is tested elsewhere.
const MOST_BYTES: u64 = 1 << 24;
const MOST_PIXELS: u64 = 1 << 22;
const MOST_POINTS: u64 = 100_000;

/// Runs one target on one input.
///
/// # Panics
/// When a reader breaks its promise.
pub(crate) fn run(target: &str, data: &[u8]) {
    match target {
        "gpx" => trace(TraceFormat::Gpx, data),
        "csv" => trace(TraceFormat::Csv, data),
        "nmea" => trace(TraceFormat::Nmea, data),
        "fit" => trace(TraceFormat::Fit, data),
        "tcx" => trace(TraceFormat::Tcx, data),
        "geojson" => trace(TraceFormat::GeoJson, data),
        "parquet" => trace(TraceFormat::Parquet, data),
        "gnss_logger" => trace(TraceFormat::GnssLogger, data),
        "gpmf" => trace(TraceFormat::Gpmf, data),
        "video" => trace(TraceFormat::Video, data),
        "metadata" => {
            let _ = metadata::read_image_metadata(data);
        }
        "sidecar" => {
            let photo = include_bytes!("seeds/metadata/exif.jpg");
            let beside = metadata::read_with_sidecar(photo, Some(data));
            assert!(
                beside
                    .position
                    .is_none_or(|at| at.lat_e7.unsigned_abs() <= 900_000_000)
            );
            assert!(
                beside
                    .position
                    .is_none_or(|at| at.lon_e7.unsigned_abs() <= 1_800_000_000)
            );
        }
        "picture" => {
            let limits = picture::PictureLimits {
                max_pixels: MOST_PIXELS,
            };
            if let Ok(picture) = picture::read(data, limits) {
                assert!(u64::from(picture.width) * u64::from(picture.height) <= MOST_PIXELS);
            }
        }
        "unpack" => {
            if let Ok(unpacked) = unpack("a.gz", data, MOST_BYTES) {
                assert!(unpacked.bytes.len() as u64 <= MOST_BYTES.max(data.len() as u64));
            }
        }
        "object" => object(data),
        other => panic!("there is no target `{other}`"),
    }
}

fn trace(format: TraceFormat, data: &[u8]) {
    let limits = TraceLimits {
        max_points: MOST_POINTS,
        ..TraceLimits::default()
    };
    let _ = sniff("", data);
    if let Ok(content) = read_trace(format, data, &limits) {
        promises(&content);
    }
}

/// What every reader of traces promises of its fixes.
fn promises(content: &TraceContent) {
    assert!(content.fixes.len() as u64 <= MOST_POINTS);
    for fix in &content.fixes {
        assert_eq!(fix.lat_e7.is_some(), fix.lon_e7.is_some());
        assert!(fix.lat_e7.is_none_or(|lat| lat.unsigned_abs() <= 900_000_000));
        assert!(fix.lon_e7.is_none_or(|lon| lon.unsigned_abs() <= 1_800_000_000));
        assert!(fix.course_deg.is_none_or(|course| course < 360));
    }
    let described = content.described();
    assert!(described.len() < 10_000 && !described.contains('\n'));
}

/// A whole object through ingest: one row comes out, whatever goes in.
fn object(data: &[u8]) {
    let kernel = IngestKernel {
        policy: IngestPolicy {
            max_trace_bytes: MOST_BYTES,
            max_pixels: MOST_PIXELS,
            max_trace_points: MOST_POINTS,
            ..IngestPolicy::default()
        },
        span: None,
        buckets: 1,
    };
    let upload = Upload {
        contributor: "ada".into(),
        session: String::new(),
        ..Upload::listed("a", data.len() as u64, "1")
    };
    let fetch = |_: &str, _: Option<u64>| -> Result<_, Infallible> { Ok(Some(data)) };
    let Ok(ingested) = kernel.read(&upload, &fetch);
    assert_eq!(ingested.objects().count(), 1);
}
