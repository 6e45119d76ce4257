//! Who answers for an epoch: a thread of its own, which reads as any command does and keeps what it has read.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::answers::Answers;
use super::question::Question;
use super::server::json;
use crate::cli::Usage;
use crate::published::Run;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn not_found(why: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            why: why.to_owned(),
        }
    }

    /// What was asked wrongly is not there; anything else is a failure of ours.
    fn of(error: &anyhow::Error) -> Self {
        let asked_wrongly = error.downcast_ref::<Usage>().is_some();
        Self {
            status: if asked_wrongly {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::INTERNAL_SERVER_ERROR
            },
            why: format!("{error:#}"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(&serde_json::json!({ "error": self.why }));
        *response.status_mut() = self.status;
        response
    }
}

type Answered = Result<Value, Refusal>;
type Asked = (Question, oneshot::Sender<Answered>);

/// An epoch, and the way to who answers for it.
pub(super) struct Desk {
    run: Arc<Run>,
    previous: Vec<String>,
    runtime: Arc<Runtime>,
    asked: OnceLock<Sender<Asked>>,
}

impl Desk {
    pub(super) fn of(run: Run, previous: &[String], runtime: &Arc<Runtime>) -> Self {
        Self {
            run: Arc::new(run),
            previous: previous.to_vec(),
            runtime: runtime.clone(),
            asked: OnceLock::new(),
        }
    }

    pub(super) fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// The answer to a question; questions about one epoch are answered one after the other.
    pub(super) async fn ask(&self, question: Question) -> Answered {
        let (answer, answered) = oneshot::channel();
        let gone = || Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            why: "nobody answers any more; start it again".to_owned(),
        };
        let asked = self.asked.get_or_init(|| self.start());
        asked.send((question, answer)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// The thread begins with the first question, and ends with the desk.
    fn start(&self) -> Sender<Asked> {
        let (sender, receiver) = channel();
        let (run, previous, runtime) = (self.run.clone(), self.previous.clone(), self.runtime.clone());
        std::thread::spawn(move || answer_all(&run, &previous, &runtime, &receiver));
        sender
    }
}

fn answer_all(run: &Run, previous: &[String], runtime: &Arc<Runtime>, asked: &Receiver<Asked>) {
    let mut answers = Answers::new(run, previous, runtime);
    while let Ok((question, reply)) = asked.recv() {
        // Whoever went on to something else waits for nothing.
        if reply.is_closed() {
            continue;
        }
        let answer = answers.to(question).map_err(|error| Refusal::of(&error));
        let _ = reply.send(answer);
    }
}
