//! `cairn view` as a test talks to it. Requests are written by hand: a client would tidy up the addresses that are tried.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use crate::Cairn;

/// `cairn view`, which ends with the test.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answer {
    /// `200`, `404`, ...
    pub status: u16,
    /// All lines before the body.
    pub head: String,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When the answer is no success, or no JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.body).expect("the answer is JSON")
    }
}

impl Server {
    /// `cairn view RUN` at a free port.
    ///
    /// # Panics
    /// When it does not say where it listens.
    #[must_use]
    pub fn start(cairn: &Cairn, run: &str, further: &[&str]) -> Self {
        let args = [&["view", run, "--port", "0"], further].concat();
        let mut command = cairn.command(&args);
        let started = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = started.expect("the program under test starts");
        let stdout = child.stdout.take().expect("its output is a pipe");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("its output is text");
        let port = line
            .split_once("http://127.0.0.1:")
            .and_then(|(_, rest)| rest.split_once('/'))
            .and_then(|(port, _)| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("`{line}` names no port"));
        Self { child, port }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its page is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Interrupts it, and waits for its end.
    ///
    /// # Panics
    /// When it cannot be interrupted.
    pub fn interrupt(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = std::process::Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "no signal to {id}");
        self.child.wait().expect("it ends")
    }

    /// Sends a request on a connection of its own, for `localhost` unless a header says otherwise. A header without a
    /// value is left out.
    ///
    /// # Panics
    /// When there is no answer of HTTP.
    #[must_use]
    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let named = headers.iter().any(|(name, _)| *name == "Host");
        let ours = (!named).then_some(&("Host", "localhost"));
        let first = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
        let request = headers
            .iter()
            .chain(ours)
            .filter(|(_, value)| !value.is_empty())
            .fold(first, |lines, (name, value)| lines + name + ": " + value + "\r\n");
        let bytes = self
            .exchange(&(request + "\r\n"))
            .expect("an answer on a connection");
        let mut windows = bytes.windows(4);
        let end = windows
            .position(|four| four == b"\r\n\r\n")
            .expect("an end of the head");
        let (head, body) = bytes.split_at(end);
        let head = String::from_utf8_lossy(head).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer {
            status: status.expect("a status"),
            head,
            body: body.get(4..).unwrap_or_default().to_vec(),
        }
    }

    fn exchange(&self, request: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        stream.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let _ = stream.shutdown(Shutdown::Both);
        Ok(bytes)
    }

    /// What is there.
    #[must_use]
    pub fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[])
    }

    /// A part of what is there.
    #[must_use]
    pub fn range(&self, target: &str, range: &str) -> Answer {
        self.ask("GET", target, &[("Range", range)])
    }
}
