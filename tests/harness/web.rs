//! A web server that has files and cannot list them, as most do.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::{Request, head, serve};
use crate::published::files_below;

#[derive(Debug, Default)]
struct Site {
    files: BTreeMap<String, Vec<u8>>,
    replaced_on_get: BTreeMap<String, Vec<u8>>,
    requests: Vec<String>,
}

/// A web server that lives as long as the process.
#[derive(Debug)]
pub struct Web {
    port: u16,
    site: Arc<Mutex<Site>>,
}

impl Web {
    /// Serves the files of a folder; `ranges` says whether it gives parts of files.
    ///
    /// # Panics
    /// When the system gives no port, or a file cannot be read.
    #[must_use]
    pub fn of(folder: &Path, ranges: bool) -> Self {
        let site = Arc::new(Mutex::new(Site {
            files: files_below(folder),
            ..Site::default()
        }));
        let shared = site.clone();
        let port = serve(move |request, stream| {
            let answer = answer(
                &mut shared.lock().unwrap_or_else(PoisonError::into_inner),
                request,
                ranges,
            );
            let _ = stream.write_all(&answer);
        });
        Self { port, site }
    }

    /// The address of a file.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    fn site(&self) -> std::sync::MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has other bytes of a file as soon as somebody reads it.
    pub fn replace_on_get(&self, path: &str, bytes: &[u8]) {
        self.site()
            .replaced_on_get
            .insert(path.to_owned(), bytes.to_owned());
    }

    /// Requests of a method so far.
    #[must_use]
    pub fn requests(&self, method: &str) -> usize {
        let site = self.site();
        site.requests.iter().filter(|seen| *seen == method).count()
    }
}

fn decoded(target: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = target.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next(), rest.next()].map(|digit| digit.unwrap_or(b'0'));
            let text = String::from_utf8_lossy(&digits).into_owned();
            bytes.push(u8::from_str_radix(&text, 16).expect("an escape in a path"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn answer(site: &mut Site, request: &Request, ranges: bool) -> Vec<u8> {
    site.requests.push(request.method.clone());
    let path = decoded(request.target.trim_start_matches('/'));
    let empty = [("Content-Length", "0".to_owned())];
    if !["GET", "HEAD"].contains(&request.method.as_str()) {
        return head("501 Unsupported method", &empty).into_bytes();
    }
    if request.method == "GET"
        && let Some(bytes) = site.replaced_on_get.remove(&path)
    {
        site.files.insert(path.clone(), bytes);
    }
    let Some(bytes) = site.files.get(&path) else {
        return head("404 Not Found", &empty).into_bytes();
    };
    let tag = bytes.iter().fold(14_695_981_039_346_656_037_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(1_099_511_628_211)
    });
    let mut headers = vec![("ETag", format!("\"{tag:x}\""))];
    let range = request.header("range").filter(|_| ranges);
    let range = range.and_then(|range| {
        let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
        let to: usize = to.parse().ok()?;
        Some(from.parse().ok()?..(to + 1).min(bytes.len()))
    });
    let (status, body) = match range {
        Some(range) => {
            let last = range.end.saturating_sub(1);
            headers.push((
                "Content-Range",
                format!("bytes {}-{last}/{}", range.start, bytes.len()),
            ));
            (
                "206 Partial Content",
                bytes.get(range).expect("a range of the file"),
            )
        }
        None => ("200 OK", bytes.as_slice()),
    };
    headers.push(("Content-Length", body.len().to_string()));
    let mut answer = head(status, &headers).into_bytes();
    if request.method == "GET" {
        answer.extend_from_slice(body);
    }
    answer
}
