//! Published files, whole or by ranges of bytes (RFC 9110, 14).

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::publish::{MANIFEST, REPORT};
use crate::published::Run;
use crate::store::{Part, StoreError};
use crate::views::VIEWS;

/// The report is one page with its script inside, and says itself which: the hashes of both are in it.
const REPORT_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A published file of a run. Only what the run names is given out, and only where it lies in the run's own folder.
pub(super) async fn published(run: &Run, path: &str, method: &Method, headers: &HeaderMap) -> Response {
    if !is_published(run, path) {
        return (StatusCode::NOT_FOUND, "the run has no such file\n").into_response();
    }
    let whole = match run.store.size_of(path).await {
        Ok(whole) => whole,
        Err(error) => return failed(&error),
    };
    let asked = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let wanted = match asked.map_or(Wanted::Whole, |asked| wanted(asked, whole.bytes)) {
        Wanted::Nothing => {
            let all = format!("bytes */{}", whole.bytes);
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, all)]).into_response();
        }
        Wanted::Whole => None,
        Wanted::Part(range) => Some(range),
    };
    let range = wanted.clone().unwrap_or(0..whole.bytes);
    let body = if method == Method::HEAD || range.is_empty() {
        Body::empty()
    } else {
        match run.store.part_of(path, range.clone()).await {
            Ok(part) => body(part),
            Err(error) => return failed(&error),
        }
    };
    let mut response = Response::new(body);
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    if let Some(mark) = whole
        .version
        .and_then(|version| HeaderValue::from_str(&version).ok())
    {
        out.insert(header::ETAG, mark);
    }
    if path == REPORT {
        let policy = HeaderValue::from_static(REPORT_POLICY);
        out.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if wanted.is_some() {
        let part = format!("bytes {}-{}/{}", range.start, range.end - 1, whole.bytes);
        if let Ok(part) = HeaderValue::from_str(&part) {
            response.headers_mut().insert(header::CONTENT_RANGE, part);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

fn is_published(run: &Run, path: &str) -> bool {
    let tables = run.manifest.tables.values();
    let mut files = tables.flat_map(|table| &table.files);
    path == MANIFEST || VIEWS.contains(&path) || files.any(|file| file.path == path)
}

fn body(part: Part) -> Body {
    match part {
        Part::Stream(stream) => Body::from_stream(stream),
        Part::Bytes(bytes) => Body::from(bytes),
    }
}

fn failed(error: &StoreError) -> Response {
    let status = if error.is_missing() {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    };
    (status, format!("{error}\n")).into_response()
}

/// What of a file is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// All of it; also where several ranges are asked for, which nobody has to give.
    Whole,
    /// Some bytes.
    Part(Range<u64>),
    /// Bytes that it does not have.
    Nothing,
}

fn wanted(asked: &str, bytes: u64) -> Wanted {
    let range = asked
        .split_once('=')
        .filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"));
    // Who does not understand a range leaves it.
    let Some((first, last)) = range.and_then(|(_, range)| range.trim().split_once('-')) else {
        return Wanted::Whole;
    };
    let (start, end) = match (number(first), number(last)) {
        (Some(start), Some(last)) if start <= last => (start, last.saturating_add(1).min(bytes)),
        (Some(start), None) if last.is_empty() => (start, bytes),
        (None, Some(count)) if first.is_empty() => (bytes.saturating_sub(count), bytes),
        _ => return Wanted::Whole,
    };
    if start < end {
        Wanted::Part(start..end)
    } else {
        Wanted::Nothing
    }
}

/// Digits and nothing else; what is too large for any file is the largest number.
fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// The media type of a file, by its name.
pub(super) fn kind(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        "parquet" => "application/vnd.apache.parquet",
        "pmtiles" => "application/vnd.pmtiles",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
