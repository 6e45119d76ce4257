//! What is asked at which address.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::desk::{Desk, Refusal};
use super::question::Question;
use super::{Shown, files, guard, key};
use crate::publish::REPORT;
use crate::views::map::MAP;

/// How long answers on their way may take when the server is asked to end.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

type Share = State<Arc<Shown>>;

/// Serves until somebody asks to end.
pub(super) async fn serve(
    listener: TcpListener,
    shown: Shown,
    asked_to_end: impl Future<Output = std::io::Result<()>>,
) -> anyhow::Result<()> {
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, router(Arc::new(shown))).with_graceful_shutdown(async {
        // The sender is gone only with the server.
        let _ = ended.await;
    });
    let ending = async {
        asked_to_end.await?;
        let _ = end.send(());
        tokio::time::sleep(LAST_ANSWERS).await;
        std::io::Result::Ok(())
    };
    tokio::select! {
        done = server.into_future() => done?,
        done = ending => done?,
    }
    Ok(())
}

fn router(shown: Arc<Shown>) -> Router {
    Router::new()
        .route("/", get(front))
        .route("/api/epochs", get(epochs))
        .route("/api/{epoch}", get(summary))
        .route("/api/{epoch}/{*question}", get(answer))
        .route("/data/{epoch}/{*path}", get(data))
        .route("/roads.geojson", get(roads))
        .fallback(bundle)
        .layer(from_fn(guard::guard))
        .with_state(shown)
}

impl Shown {
    fn desk(&self, epoch: &str) -> Result<&Desk, Refusal> {
        let desk = self.desks.iter().find(|desk| key(desk.run()) == epoch);
        desk.ok_or_else(|| Refusal::not_found("no such epoch"))
    }
}

/// The page; without one, the newest epoch's report.
async fn front(State(shown): Share, method: Method, headers: HeaderMap) -> Response {
    if let Some(page) = shown.page.file("index.html") {
        return page;
    }
    match shown.desks.first() {
        Some(desk) => files::published(desk.run(), REPORT, &method, &headers).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn bundle(State(shown): Share, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    shown
        .page
        .file(path)
        .unwrap_or_else(|| (StatusCode::NOT_FOUND, "nothing is here\n").into_response())
}

/// All epochs, the newest first.
async fn epochs(State(shown): Share) -> Response {
    let epochs: Vec<_> = shown
        .desks
        .iter()
        .map(|desk| {
            let manifest = &desk.run().manifest;
            let rows = |table: &str| manifest.tables.get(table).map_or(0, |table| table.rows);
            serde_json::json!({
                "key": key(desk.run()),
                "as_of": manifest.inputs.as_of.to_string(),
                "cells": rows("coverage"),
                "pool": manifest.pool.to_string(),
            })
        })
        .collect();
    let answer = serde_json::json!({ "epochs": epochs, "roads": shown.roads.is_some(), "map": MAP });
    json(&answer)
}

async fn summary(State(shown): Share, Path(epoch): Path<String>) -> Response {
    ask(&shown, &epoch, Ok(Question::Summary)).await
}

async fn answer(
    State(shown): Share,
    Path((epoch, question)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let question = Question::parse(&question, query.as_deref().unwrap_or_default());
    ask(
        &shown,
        &epoch,
        question.ok_or_else(|| Refusal::not_found("nobody answers that")),
    )
    .await
}

async fn ask(shown: &Shown, epoch: &str, question: Result<Question, Refusal>) -> Response {
    let answer = async { shown.desk(epoch)?.ask(question?).await };
    match answer.await {
        Ok(answer) => json(&answer),
        Err(refusal) => refusal.into_response(),
    }
}

async fn data(
    State(shown): Share,
    Path((epoch, path)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match shown.desk(&epoch) {
        Ok(desk) => files::published(desk.run(), &path, &method, &headers).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn roads(State(shown): Share) -> Response {
    match &shown.roads {
        Some(bytes) => (
            [(header::CONTENT_TYPE, "application/geo+json")],
            Body::from(bytes.clone()),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) fn json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
