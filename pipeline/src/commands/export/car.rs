//! All of an epoch as one file, for who keeps it by its content.

use std::sync::Arc;

use cairn_datasets::table::Row;
use cairn_datasets::tables::Coverage;
use tokio::runtime::Runtime;

use super::target::Target;
use super::{Args, tell};
use crate::archive::RunArchive;
use crate::cli::{Ending, Usage};
use crate::published::Run;
use crate::report::grouped;

/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub(super) fn export(run: &Run, args: &Args, runtime: &Arc<Runtime>) -> anyhow::Result<Ending> {
    if args.table != Coverage::TABLE {
        let what = format!(
            "--table {}: an archive holds all tables; leave --table out",
            args.table
        );
        return Err(Usage(what).into());
    }
    if let Some(filter) = args.filter.first() {
        let what = format!("{filter}: an archive is of whole files, so no filter goes with it");
        return Err(Usage(what).into());
    }
    let archive = RunArchive::of(run, run.manifest_bytes()?)?;
    let target = Target::open(&args.out, runtime)?;
    let counts = archive.write(&mut target.writer()?)?;
    target.close()?;
    let text = format!(
        "Wrote {} files in {} blocks, {} bytes, to {}\nroot {}\n",
        grouped(counts.files as u64),
        grouped(counts.blocks as u64),
        grouped(counts.bytes),
        args.out,
        archive.root(),
    );
    tell(args, &text)
}
