//! What several tests look at, made once for a process.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use cairn_datasets::city::CitySpec;
use cairn_tests::{Cairn, Published, Scratch, real, small_city, write_city};

/// A source and what was published from it.
pub(crate) struct World {
    pub(crate) source: PathBuf,
    pub(crate) published: Published,
    /// What `run --json` printed.
    pub(crate) printed: serde_json::Value,
}

impl World {
    /// The source as text, for a command line.
    pub(crate) fn source_arg(&self) -> String {
        self.source.to_string_lossy().into_owned()
    }
}

/// The program under test, built by cargo before this test binary runs.
pub(crate) fn cairn() -> Cairn {
    Cairn::at(env!("CARGO_BIN_EXE_cairn-under-test"))
}

/// A folder for one test.
pub(crate) fn scratch() -> Scratch {
    Scratch::below(&ROOT)
}

/// The folder of this process. A static is never dropped, so what processes of an hour ago left is cleared
/// when the next one starts.
static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cairn-tests");
    let old = |path: &Path| {
        let changed = path.metadata().and_then(|found| found.modified()).ok();
        changed
            .and_then(|at| at.elapsed().ok())
            .is_some_and(|age| age > Duration::from_hours(1))
    };
    for entry in std::fs::read_dir(&all).into_iter().flatten().flatten() {
        if old(&entry.path()) {
            // Another process may have been quicker.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    all.join(format!("process-{}", std::process::id()))
});

/// A folder that stays for the process.
pub(crate) fn place(name: &str) -> PathBuf {
    let folder = ROOT.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn world(name: &str, source: &Path, further: &[&str]) -> World {
    let out = ROOT.join(name).join("out");
    std::fs::create_dir_all(&out).unwrap();
    let printed = cairn().publish(source, &out, further);
    World {
        source: source.to_owned(),
        published: Published::below(&out),
        printed,
    }
}

/// Where the small city lies.
pub(crate) fn small_city_source() -> &'static Path {
    static SOURCE: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = ROOT.join("small-city");
        write_city(&small_city(), &folder);
        folder
    });
    &SOURCE
}

/// The small city, published with default settings.
pub(crate) static SMALL: LazyLock<World> = LazyLock::new(|| world("small", small_city_source(), &[]));

/// The small city in many files: several tiles of each table.
pub(crate) static TILED: LazyLock<World> =
    LazyLock::new(|| world("tiled", small_city_source(), &["--tile-resolution", "9"]));

/// The small city, in which all but the last contributor by name have a payout address: the first two the same one, the third
/// one of another chain. Later epochs correct nothing.
pub(crate) static PAID: LazyLock<World> = LazyLock::new(|| {
    let folder = ROOT.join("paid-city");
    write_city(&small_city(), &folder);
    let rewards = SMALL.published.table("rewards");
    let address = |n: usize| match n {
        2 => "7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2".to_owned(),
        n => format!("0x{:040x}", 0xc0ff_ee00 + n.max(1)),
    };
    let lines =
        (0..rewards.rows() - 1).map(|n| format!("{},{}\n", rewards.text("contributor", n), address(n)));
    let text = "contributor,payout_address\n".to_owned() + &lines.collect::<String>();
    std::fs::write(folder.join("contributors.csv"), text).unwrap();
    world("paid", &folder, &["--tile-resolution", "9"])
});

/// The city of the demo, published with default settings.
pub(crate) static DEMO: LazyLock<World> = LazyLock::new(|| {
    let folder = ROOT.join("demo-city");
    write_city(&CitySpec::default(), &folder);
    world("demo", &folder, &[])
});

/// Attacks that leave copies of pictures.
pub(crate) const COPYING: [&str; 12] = [
    "exact-copy",
    "metadata-edit",
    "re-encode",
    "resize",
    "brightness",
    "gamma",
    "mirrored",
    "rotated",
    "crop",
    "border",
    "moved",
    "forged-exif",
];

/// A sample city with every attack, small and with pictures; its truth lies beside its source.
pub(crate) static CITY: LazyLock<World> = LazyLock::new(|| {
    let folder = ROOT.join("sample-city");
    let out = folder.to_string_lossy();
    let mut args = vec!["sample", "city", "--json", "--no-fixes", "--out", &out];
    args.extend([
        "--contributors",
        "12",
        "--drives",
        "1",
        "--hours",
        "0.1",
        "--frames",
        "6",
    ]);
    args.extend(["--width", "640", "--height", "360", "--attacks", "all"]);
    let rates = COPYING.map(|attack| format!("{attack}=0.08"));
    args.extend(rates.iter().flat_map(|rate| ["--attack", rate]));
    let _ = cairn().succeed(&args);
    world("sample", &folder.join("source"), &["--epoch", "all"])
});

/// The real files of twenty contributors, when they are there.
pub(crate) static NETWORK: LazyLock<Option<World>> = LazyLock::new(|| {
    let source = real("network")?;
    Some(world(
        "network",
        &source,
        &["--epoch", "all", "--pool", "1000000"],
    ))
});
