//! A proxy in front of a store that does to requests what networks and overloaded stores do.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::http::{head, serve};

/// What is done to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it is passed on.
    None,
    /// It is answered with an error of the S3 protocol, and not passed on.
    Status(u16, &'static str),
    /// The connection is closed before there is an answer.
    Reset,
    /// The last byte of the answer is another.
    Lie,
    /// The answer breaks off in the middle of its body.
    Cut,
    /// The answer stops in the middle of its body for so long, and goes on.
    Stall(Duration),
}

/// A request that the proxy saw.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET`, `PUT`, ...
    pub method: String,
    /// Path and query.
    pub target: String,
    /// How many came before it.
    pub number: usize,
}

type Schedule = Arc<dyn Fn(&Seen) -> Fault + Send + Sync>;

/// A proxy that lives as long as the process.
pub struct Proxy {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    schedule: Arc<Mutex<Schedule>>,
    sent: Arc<AtomicU64>,
}

impl Proxy {
    /// A proxy in front of a port of this machine.
    ///
    /// # Panics
    /// When the system gives no port.
    #[must_use]
    pub fn to(upstream: u16) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let schedule: Arc<Mutex<Schedule>> = Arc::new(Mutex::new(Arc::new(|_| Fault::None)));
        let sent = Arc::new(AtomicU64::new(0));
        let (log, plan, count) = (seen.clone(), schedule.clone(), sent.clone());
        let port = serve(move |request, stream| {
            let (this, plan) = {
                let mut log: std::sync::MutexGuard<'_, Vec<Seen>> =
                    log.lock().unwrap_or_else(PoisonError::into_inner);
                let this = Seen {
                    method: request.method.clone(),
                    target: request.target.clone(),
                    number: log.len(),
                };
                log.push(this.clone());
                (this, plan.lock().unwrap_or_else(PoisonError::into_inner).clone())
            };
            let fault = plan(&this);
            match fault {
                Fault::Reset => return,
                Fault::Status(status, code) => {
                    let body = format!("<Error><Code>{code}</Code><Message>made by a test</Message></Error>");
                    let length = [("Content-Length", body.len().to_string())];
                    let _ = stream.write_all((head(&format!("{status} {code}"), &length) + &body).as_bytes());
                    return;
                }
                Fault::None | Fault::Lie | Fault::Cut | Fault::Stall(_) => {}
            }
            let Some(mut answer) = request.forward(upstream) else {
                return;
            };
            if let (Fault::Lie, Some(last)) = (fault, answer.last_mut()) {
                *last ^= 1;
            }
            let body = answer
                .windows(4)
                .position(|w| w == b"\r\n\r\n")
                .map_or(answer.len(), |at| at + 4);
            count.fetch_add(answer.len() as u64, Ordering::Relaxed);
            let (first, rest) = answer.split_at(body + (answer.len() - body) / 2);
            let _ = stream.write_all(first);
            match fault {
                Fault::Cut => return,
                Fault::Stall(time) => std::thread::sleep(time),
                _ => {}
            }
            let _ = stream.write_all(rest);
        });
        Self {
            port,
            seen,
            schedule,
            sent,
        }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Does something else to requests from now on, and forgets those that it saw and what it sent.
    pub fn plan(&self, schedule: impl Fn(&Seen) -> Fault + Send + Sync + 'static) {
        *self.schedule.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(schedule);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.sent.store(0, Ordering::Relaxed);
    }

    /// Bytes of answers that it was given to pass on, heads included.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many requests it saw that are of some kind.
    pub fn count(&self, is_counted: impl Fn(&Seen) -> bool) -> usize {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|seen| is_counted(seen)).count()
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
