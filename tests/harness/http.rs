//! As much of HTTP/1.1 as servers of tests need: one request a connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, as they were sent.
    pub(crate) target: String,
    /// The head with its last empty line.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Reads a request; `None` when the other side has none.
    pub(crate) fn read(stream: &mut TcpStream) -> Option<Self> {
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            let mut part = [0; 16 << 10];
            match stream.read(&mut part).ok()? {
                0 => return None,
                count => bytes.extend_from_slice(part.get(..count)?),
            }
        };
        let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
        let mut words = head.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut body = bytes.split_off(end);
        let length: usize = header_of(&head, "content-length")
            .and_then(|v| v.parse().ok())
            .unwrap_or(0);
        let missing = length.saturating_sub(body.len()) as u64;
        stream.take(missing).read_to_end(&mut body).ok()?;
        Some(Self {
            method,
            target,
            head,
            body,
        })
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header_of(&self.head, name)
    }

    /// The request to another server of this machine, and its whole answer.
    pub(crate) fn forward(&self, port: u16) -> Option<Vec<u8>> {
        let mut upstream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        upstream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
        let kept = self.head.trim_end().split("\r\n");
        let kept = kept.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let head = kept.collect::<Vec<_>>().join("\r\n") + "\r\nConnection: close\r\n\r\n";
        upstream.write_all(head.as_bytes()).ok()?;
        upstream.write_all(&self.body).ok()?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).ok()?;
        Some(answer)
    }
}

fn header_of<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

/// Serves a port of this machine until the process ends; each connection has a thread.
pub(crate) fn serve(answer: impl Fn(&Request, &mut TcpStream) + Send + Sync + Clone + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port of this machine");
    let port = listener.local_addr().expect("a port has a number").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                if let Some(request) = Request::read(&mut stream) {
                    answer(&request, &mut stream);
                }
                let _ = stream.shutdown(Shutdown::Both);
            });
        }
    });
    port
}

/// The head of an answer.
pub(crate) fn head(status: &str, headers: &[(&str, String)]) -> String {
    let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    format!(
        "HTTP/1.1 {status}\r\n{}Connection: close\r\n\r\n",
        lines.collect::<String>()
    )
}

/// A free port of this machine.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    // All are held until all are known, so that none comes twice.
    let held: Vec<TcpListener> = (0..N)
        .map(|_| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"))
        .collect();
    let mut ports = held
        .iter()
        .map(|l| l.local_addr().expect("a port has a number").port());
    std::array::from_fn(|_| ports.next().expect("as many as were asked for"))
}
