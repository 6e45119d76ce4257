//! Trace readers beside what people use today, in one run on one thread and the same bytes:
//! `just bench-readers`, which installs gpxpy and lxml in a virtual environment; without it
//! (`cargo bench -p cairn-benches --bench readers`) the Python readers are left out.
//!
//! Each reader runs once in every round, so that what disturbs the machine disturbs all of them; the medians are printed.

#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot run ends")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use cairn_benches::{gpx_text, nmea_text};
use cairn_stages::ingest::trace::{TraceLimits, read_gpx, read_nmea};

const ROUNDS: usize = 7;
const POINTS: u32 = 100_000;

/// A reader, what it counts, and its seconds in each round.
struct Reader<'a> {
    name: &'static str,
    read: Box<dyn Fn() -> (usize, f64) + 'a>,
    seconds: Vec<f64>,
}

impl<'a> Reader<'a> {
    fn timed(name: &'static str, read: impl Fn() -> usize + 'a) -> Self {
        let timed = move || {
            let started = Instant::now();
            let count = black_box(read());
            (count, started.elapsed().as_secs_f64())
        };
        Self {
            name,
            read: Box::new(timed),
            seconds: Vec::new(),
        }
    }

    fn median(&self) -> f64 {
        let mut seconds = self.seconds.clone();
        seconds.sort_by(f64::total_cmp);
        seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

#[expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#[expect(clippy::cast_precision_loss, reason = "counts under 2^53")]
fn compare(title: &str, unit: &str, units: u64, expected: usize, mut readers: Vec<Reader<'_>>) {
    for _ in 0..ROUNDS {
        for reader in &mut readers {
            let (count, seconds) = (reader.read)();
            assert_eq!(count, expected, "{} misses some", reader.name);
            reader.seconds.push(seconds);
        }
    }
    let own = readers.first().map_or(f64::NAN, Reader::median);
    let mut text = format!("\n{title}, medians of {ROUNDS}\n");
    for reader in &readers {
        let median = reader.median();
        let speed = units as f64 / median / 1e6;
        let _ = writeln!(
            text,
            "  {:<28} {speed:>9.2} M {unit}/s   {:>6.2} x Cairn's time",
            reader.name,
            median / own
        );
    }
    println!("{text}");
}

fn main() {
    let folder = std::env::temp_dir().join(format!("cairn-bench-readers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the files");
    let python = std::env::var_os("CAIRN_PEERS_PYTHON");
    let limits = TraceLimits::default();

    let gpx = gpx_text(POINTS);
    let gpx_file = folder.join("trace.gpx");
    std::fs::write(&gpx_file, &gpx).expect("the GPX file");
    let mut readers = vec![
        Reader::timed("Cairn", || {
            read_gpx(gpx.as_bytes(), &limits).map_or(0, |content| content.fixes.len())
        }),
        Reader::timed("quick-xml, lat and lon only", || bare_quick_xml(&gpx)),
    ];
    if let Some(python) = &python {
        readers.extend(
            [("gpxpy", &gpx_file), ("lxml", &gpx_file)].map(|(name, file)| by_python(python, name, file)),
        );
    }
    let points = usize::try_from(POINTS).unwrap_or(0);
    compare("GPX", "bytes", gpx.len() as u64, points, readers);

    let nmea = nmea_text(POINTS);
    let nmea_file = folder.join("trace.nmea");
    std::fs::write(&nmea_file, &nmea).expect("the NMEA file");
    let mut readers = vec![
        Reader::timed("Cairn", || {
            read_nmea(nmea.as_bytes(), &limits).map_or(0, |content| content.fixes.len())
        }),
        Reader::timed("nmea crate, sentence by sentence", || nmea_crate(&nmea)),
    ];
    if let Some(python) = &python {
        readers.push(by_python(python, "pynmea2", &nmea_file));
    }
    compare("NMEA 0183", "lines", nmea.lines().count() as u64, points, readers);
    let _ = std::fs::remove_dir_all(&folder);
}

/// What a pull parser costs with the least that a trace reader has to do.
fn bare_quick_xml(text: &str) -> usize {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut count, mut sum) = (0, 0.0);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) if tag.name().as_ref() == "trkpt" => {
                for attribute in tag.attributes().with_checks(false).flatten() {
                    sum += attribute.value.parse::<f64>().unwrap_or(0.0);
                }
                count += 1;
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    black_box(sum);
    count
}

/// Every sentence parsed by the crate; a GGA with a position counts as a fix.
fn nmea_crate(text: &str) -> usize {
    let has_fix = |line: &str| match nmea::parse_str(line) {
        Ok(nmea::ParseResult::GGA(gga)) => gga.latitude.is_some(),
        _ => false,
    };
    text.lines().filter(|line| has_fix(line)).count()
}

/// A Python reader, which times itself so that the start of the interpreter does not count.
fn by_python<'a>(python: &'a std::ffi::OsStr, name: &'static str, file: &'a Path) -> Reader<'a> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/readers.py");
    let read = move || {
        let output = Command::new(python).arg(&script).arg(name).arg(file).output();
        let output = output.expect("Python starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = said.split_whitespace();
        let count = words.next().and_then(|word| word.parse().ok());
        let seconds = words.next().and_then(|word| word.parse().ok());
        let problem = || panic!("{name}: {said}{}", String::from_utf8_lossy(&output.stderr));
        count.zip(seconds).unwrap_or_else(problem)
    };
    Reader {
        name,
        read: Box::new(read),
        seconds: Vec::new(),
    }
}
