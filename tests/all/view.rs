//! `cairn view`: what the server gives out and what it refuses, and its page in a browser.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cairn_tests::{Scratch, Server, copy_folder};

use crate::fixtures::{NETWORK, SMALL, World, cairn, scratch};

fn view(run: &Path, further: &[&str]) -> Server {
    Server::start(&cairn(), &run.to_string_lossy(), further)
}

/// A copy of the small city's epoch, to be spoilt.
fn copy() -> Scratch {
    let scratch = scratch();
    copy_folder(&SMALL.published.folder, &scratch.join("run"));
    scratch
}

fn epoch(server: &Server) -> String {
    let epochs = server.get("/api/epochs").json();
    epochs["epochs"][0]["key"].as_str().unwrap().to_owned()
}

#[test]
fn published_files_are_given_by_ranges() {
    let server = view(&SMALL.published.folder, &[]);
    let file = format!("/data/{}/rewards.parquet", epoch(&server));
    let whole = std::fs::read(SMALL.published.folder.join("rewards.parquet")).unwrap();
    let size = whole.len();
    let answer = server.get(&file);
    assert_eq!((answer.status, &answer.body), (200, &whole));
    assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let head = server.ask("HEAD", &file, &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some(size.to_string().as_str()));

    for (range, from, to) in [
        ("bytes=0-3".to_owned(), 0, 4),
        ("bytes=7-7".to_owned(), 7, 8),
        (format!("bytes={}-", size - 5), size - 5, size),
        ("bytes=-8".to_owned(), size - 8, size),
        (format!("bytes=4-{}", size * 9), 4, size),
        (format!("bytes=-{}", size * 9), 0, size),
    ] {
        let answer = server.range(&file, &range);
        assert_eq!(answer.status, 206, "{range}: {}", answer.head);
        assert_eq!(answer.body, &whole[from..to], "{range}");
        let said = format!("bytes {from}-{}/{size}", to - 1);
        assert_eq!(answer.header("content-range"), Some(said.as_str()));
        let length = (to - from).to_string();
        assert_eq!(answer.header("content-length"), Some(length.as_str()));
        let head = server.ask("HEAD", &file, &[("Range", &range)]);
        assert_eq!((head.status, head.body.len()), (206, 0), "{range}");
    }
    for range in [format!("bytes={size}-"), "bytes=-0".to_owned()] {
        let answer = server.range(&file, &range);
        let all = format!("bytes */{size}");
        assert_eq!(answer.status, 416, "{range}");
        assert_eq!(answer.header("content-range"), Some(all.as_str()));
    }
    for range in ["bytes=0-1,4-5", "bytes=x-", "lines=0-1"] {
        assert_eq!(server.range(&file, range).body, whole, "{range}");
    }
}

#[test]
fn nothing_outside_of_the_run_is_given() {
    let scratch = copy();
    let run = scratch.join("run");
    scratch.write("secret.txt", "secret");
    scratch.write("run/notes.txt", "secret");
    let server = view(&run, &[]);
    let epoch = epoch(&server);
    for path in [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "%2e%2e%2fsecret.txt",
        "%252e%252e/secret.txt",
        "..%5csecret.txt",
        "..\\secret.txt",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "//etc/passwd",
        "coverage/../../secret.txt",
        "manifest.json/../../secret.txt",
        "./manifest.json",
        "manifest.json%00",
        "notes.txt",
        "run.json",
        "",
    ] {
        for target in [
            format!("/data/{epoch}/{path}"),
            format!("/{path}"),
            format!("/api/{epoch}/{path}"),
        ] {
            let answer = server.get(&target);
            assert!(
                [200, 400, 404].contains(&answer.status),
                "{target}: {}",
                answer.head
            );
            assert!(!answer.text().contains("secret"), "{target}");
            assert!(!answer.text().contains("root:x:"), "{target}");
            let is_front = target == "/" || target == format!("/api/{epoch}/");
            assert!(answer.status != 200 || is_front, "{target}: {}", answer.text());
        }
    }
    assert_eq!(server.get("/data/other/manifest.json").status, 404);
    assert_eq!(server.get("/data/..%2f/manifest.json").status, 404);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_not_followed() {
    let scratch = copy();
    let run = scratch.join("run");
    scratch.write("secret.txt", "secret");
    std::fs::remove_file(run.join("rewards.parquet")).unwrap();
    std::os::unix::fs::symlink(scratch.join("secret.txt"), run.join("rewards.parquet")).unwrap();
    let server = view(&run, &[]);
    let epoch = epoch(&server);
    for headers in [&[][..], &[("Range", "bytes=0-3")]] {
        let answer = server.ask("GET", &format!("/data/{epoch}/rewards.parquet"), headers);
        assert_eq!(answer.status, 404, "{}", answer.head);
        assert!(!answer.text().contains("secr"), "{}", answer.text());
    }
    // One that stays inside is a file like others.
    std::fs::rename(run.join("objects.parquet"), run.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", run.join("objects.parquet")).unwrap();
    assert_eq!(server.get(&format!("/data/{epoch}/objects.parquet")).status, 200);
}

#[test]
fn only_reading_is_answered_and_only_by_our_names() {
    let server = view(&SMALL.published.folder, &[]);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let answer = server.ask(method, "/api/epochs", &[("Content-Length", "0")]);
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{method}");
    }
    for host in ["127.0.0.1", "localhost", "[::1]:8642"] {
        assert_eq!(
            server.ask("GET", "/api/epochs", &[("Host", host)]).status,
            200,
            "{host}"
        );
    }
    for host in [
        "example.org",
        "localhost.example.org",
        "127.0.0.1.example.org:8642",
    ] {
        let answer = server.ask("GET", "/api/epochs", &[("Host", host)]);
        assert_eq!(answer.status, 403, "{host}");
        assert!(!answer.text().contains("epochs"), "{host}");
    }
    let nameless = server.ask("GET", "/api/epochs", &[("Host", "")]);
    assert!([400, 403].contains(&nameless.status), "{}", nameless.head);
    let page = server.get("/api/epochs");
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.header("access-control-allow-origin"), None);
}

#[test]
fn questions_are_answered_in_the_words_of_explain() {
    let server = view(&SMALL.published.folder, &[]);
    let folder = SMALL.published.folder.to_string_lossy().into_owned();
    let api = format!("/api/{}", epoch(&server));
    let summary = server.get(&api).json();
    let coverage = SMALL.published.table("coverage");
    assert_eq!(summary["rows"]["coverage"].as_u64(), Some(coverage.rows() as u64));
    let earned: u64 = summary["top"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["reward"].as_u64())
        .sum();
    let (pool, left) = (
        summary["pool"].as_str().unwrap(),
        summary["unallocated"].as_str().unwrap(),
    );
    assert_eq!(
        earned + left.parse::<u64>().unwrap(),
        pool.parse::<u64>().unwrap(),
        "all who earn are among the first"
    );

    let first = |table: &str, column: &str| SMALL.published.table(table).text(column, 0).to_owned();
    let who = summary["top"][0]["contributor"].as_str().unwrap().to_owned();
    for (subject, key) in [
        ("contributor", who.clone()),
        ("object", first("objects", "path")),
        ("image", first("images", "image_id")),
        ("pass", first("passes", "pass_id")),
    ] {
        let said = cairn().succeed(&["explain", &folder, &format!("--{subject}"), &key]);
        for target in [
            format!("{api}/{subject}/{key}"),
            format!("{api}/{subject}?key={key}"),
        ] {
            assert_eq!(server.get(&target).json()["text"], said.as_str(), "{target}");
        }
    }
    let cells = server.get(&format!("{api}/contributor/{who}/cells")).json();
    let features = cells["features"].as_array().unwrap();
    let reward: u64 = features
        .iter()
        .filter_map(|one| one["properties"]["reward"].as_u64())
        .sum();
    assert_eq!(Some(reward), summary["top"][0]["reward"].as_u64());
    let cell = features[0]["properties"]["cell"].as_str().unwrap();
    let answer = server.get(&format!("{api}/cell/{cell}")).json();
    assert_eq!(answer["outline"], features[0]["geometry"]);
    assert_eq!(
        answer["json"]["coverage"][0]["cell"], cell,
        "as text: its digits are too many for a number"
    );
    let said = cairn().succeed(&["explain", &folder, "--cell", cell]);
    assert_eq!(answer["text"], said.as_str());

    let found = server
        .get(&format!("{api}/contributors?q={}", &who.to_uppercase()))
        .json();
    assert_eq!(found["contributors"][0]["contributor"], who.as_str());
    for (target, status) in [
        (format!("{api}/contributor/nobody"), 404),
        (format!("{api}/cell/8b1973cf3a18ff"), 404),
        (format!("{api}/contributor?key=.."), 404),
        (format!("{api}/nothing"), 404),
        ("/api/2020-W01".to_owned(), 404),
    ] {
        assert_eq!(server.get(&target).status, status, "{target}");
    }
    let refused = server.get(&format!("{api}/contributor/nobody"));
    assert!(
        refused.text().contains("no contributor `nobody`"),
        "{}",
        refused.text()
    );
}

#[test]
fn an_output_shows_its_epochs_the_newest_first() {
    let scratch = scratch();
    for day in [13, 14] {
        let epoch = format!("2026-05-{day}/2026-05-{}", day + 1);
        let further = ["--epoch", &epoch];
        let _ = cairn().publish(&SMALL.source, &scratch.join("out"), &further);
    }
    let server = view(&scratch.join("out"), &[]);
    let epochs = server.get("/api/epochs").json();
    let keys: Vec<&str> = epochs["epochs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["key"].as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "2026-05-14T000000Z_2026-05-15T000000Z",
            "2026-05-13T000000Z_2026-05-14T000000Z"
        ]
    );
    for key in keys {
        assert_eq!(server.get(&format!("/api/{key}")).json()["key"], key);
    }
}

#[test]
fn without_a_page_the_report_is_shown() {
    let server = view(&SMALL.published.folder, &[]);
    let front = server.get("/");
    let report = std::fs::read(SMALL.published.folder.join("report.html")).unwrap();
    // A build with the feature has a page of its own.
    if front.body != report {
        assert!(front.text().contains("<main id=\"map\""), "{}", front.text());
    }
    assert_eq!(server.get("/nothing").status, 404);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well() {
    let mut server = view(&SMALL.published.folder, &[]);
    // A connection that is held open keeps it no longer than the last answers may take.
    let held = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let started = Instant::now();
    let ended = server.interrupt();
    assert_eq!(ended.code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(10));
    drop(held);
}

#[test]
fn what_cannot_be_shown_is_said() {
    let folder = SMALL.published.folder.to_string_lossy().into_owned();
    let scratch = scratch();
    let ran = cairn().run(&["view", &scratch.arg("nothing")]);
    assert_eq!(ran.code, Some(2), "{ran}");
    let ran = cairn().run(&["view", &folder, "--page", &scratch.arg("no-page")]);
    assert_eq!(ran.code, Some(2), "{ran}");
    scratch.write("roads.geojson", "{\"type\": \"Road\"}");
    let ran = cairn().run(&["view", &folder, "--roads", &scratch.arg("roads.geojson")]);
    ran.failed_saying(2, &["--roads", "roads.geojson", "GeoJSON"]);
    let server = view(&SMALL.published.folder, &[]);
    let ran = cairn().run(&["view", &folder, "--port", &server.port().to_string()]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("--port 0"), "{ran}");
}

/// The page's folder, built when it is not there yet.
fn page() -> Option<PathBuf> {
    let skip = |why: &str| {
        let _ = writeln!(std::io::stderr(), "skipped: {why}");
        None
    };
    if std::env::var_os("CAIRN_BROWSER_TESTS").is_none_or(|value| value != "1") {
        return skip("CAIRN_BROWSER_TESTS=1 opens the page in a browser");
    }
    let browser = std::env::var_os("CAIRN_CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into());
    if !Path::new(&browser).exists() {
        return skip("there is no Chromium; CAIRN_CHROMIUM says where one is");
    }
    let viewer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pipeline/viewer");
    for args in [&["ci", "--no-audit", "--no-fund"][..], &["run", "build"]] {
        let done = Command::new("npm")
            .args(args)
            .current_dir(&viewer)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "npm {args:?}: {said}");
    }
    Some(viewer.join("dist"))
}

fn browse(world: &World, page: &Path, name: &str) {
    if !world.published.folder.join("coverage.pmtiles").exists() {
        let _ = writeln!(std::io::stderr(), "skipped: the {name} has no coverage.pmtiles");
        return;
    }
    let server = view(&world.published.folder, &["--page", &page.to_string_lossy()]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/view.mjs");
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("view-{name}"));
    let ran = Command::new("node")
        .arg(script)
        .arg(server.url())
        .arg(&shots)
        .output()
        .unwrap();
    let (out, said) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    assert!(ran.status.success(), "{name}\n{out}\n{said}");
}

#[test]
fn a_browser_shows_it() {
    let Some(page) = page() else { return };
    browse(&SMALL, &page, "small-city");
    if let Some(world) = NETWORK.as_ref() {
        browse(world, &page, "network");
    }
}
