//! `cairn view`: a run in a browser, served from this machine to this machine.

mod answers;
mod desk;
mod files;
mod guard;
mod page;
mod places;
mod question;
mod server;
mod summary;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;

use self::desk::Desk;
use self::page::Page;
use crate::cli::{Ending, Usage, say};
use crate::published::Run;
use crate::store::runtime;

/// What `cairn view` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Folder or URL of a published epoch, or of an output with several.
    pub run: String,
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 8642)]
    port: u16,
    /// The address to listen at. Whoever can reach it can read the run.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// A `GeoJSON` file of lines that are drawn with the cells.
    #[arg(long, value_name = "FILE")]
    roads: Option<PathBuf>,
    /// The page's folder, as `npm run build` makes it; else the one in the program, if it was built with one.
    #[arg(long, value_name = "FOLDER")]
    page: Option<PathBuf>,
    /// An earlier epoch that a run started from, where it does not lie beside it. May be given several times.
    #[arg(long, value_name = "RUN")]
    previous: Vec<String>,
}

/// What the server has: the page, and the epochs with who answers for them, the newest first.
struct Shown {
    page: Page,
    roads: Option<Vec<u8>>,
    desks: Vec<Desk>,
}

/// Runs the command.
///
/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub fn command(args: &Args) -> anyhow::Result<Ending> {
    let runtime = runtime()?;
    let runs = super::published_all(&args.run, &runtime)?;
    let page = Page::open(args.page.as_deref())?;
    let roads = args.roads.as_deref().map(roads).transpose()?;
    if page.is_missing() {
        writeln!(std::io::stderr(), "{}", page::HOW_TO_BUILD)?;
    }
    let desks = runs
        .into_iter()
        .map(|run| Desk::of(run, &args.previous, &runtime));
    let shown = Shown {
        page,
        roads,
        desks: desks.collect(),
    };
    let address = SocketAddr::new(args.listen, args.port);
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen at {address}; --port 0 takes a free port"))?;
        // Listened for before anybody knows that there is something to end.
        let mut ctrl_c = std::pin::pin!(tokio::signal::ctrl_c());
        let asked_at_once = futures::poll!(ctrl_c.as_mut()).is_ready();
        say(&format!(
            "{} at http://{}/ (Ctrl-C ends it)\n",
            what(&shown),
            listener.local_addr()?
        ))?;
        if asked_at_once {
            return Ok(());
        }
        server::serve(listener, shown, ctrl_c).await
    })?;
    Ok(Ending::Fine)
}

fn what(shown: &Shown) -> String {
    match shown.desks.as_slice() {
        [only] => format!("Epoch {}", only.run().manifest.reward_epoch),
        several => format!("{} epochs", several.len()),
    }
}

/// A file of lines: read once, and passed on as it is.
fn roads(path: &std::path::Path) -> anyhow::Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| format!("--roads {}", path.display()))?;
    let text = std::str::from_utf8(&bytes).map_err(|e| Usage(format!("--roads {}: {e}", path.display())))?;
    let read = text.parse::<geojson::GeoJson>();
    read.map_err(|e| Usage(format!("--roads {}: no GeoJSON: {e}", path.display())))?;
    Ok(bytes)
}

/// The key of an epoch in addresses: its folder's name without `reward_epoch=`.
fn key(run: &Run) -> &str {
    &run.manifest.reward_epoch
}
