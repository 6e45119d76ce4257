//! Tiles for a web map, of the cells that pass, with the images in them.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::sync::Arc;

use anyhow::Context;
use cairn_datasets::cell::Cell;
use cairn_datasets::table::Row;
use cairn_datasets::tables::Coverage;
use tokio::runtime::Runtime;

use super::filter::Filter;
use super::target::Target;
use super::{Args, tell};
use crate::cli::{Ending, Usage};
use crate::published::Run;
use crate::report::grouped;
use crate::views::map::Content;

/// # Errors
/// What was asked wrongly ([`Usage`]), or what failed.
pub(super) fn export(run: &Run, args: &Args, runtime: &Arc<Runtime>) -> anyhow::Result<Ending> {
    if args.table != Coverage::TABLE {
        let what = format!(
            "--table {}: a map in pmtiles is of coverage and shows its images too; leave --table out",
            args.table
        );
        return Err(Usage(what).into());
    }
    let filter = Filter::of(&args.filter, run)?;
    filter.check(Coverage::TABLE, &Coverage::schema())?;
    let mut content = Content::of(run, |cell| filter.holds(cell))?;
    content.areas.retain(|area| filter.is_enough(area.score_ppm));
    let shown: BTreeSet<Cell> = content.areas.iter().map(|area| area.cell).collect();
    content.photos.retain(|photo| shown.contains(&photo.cell));

    let target = Target::open(&args.out, runtime)?;
    let mut file = Cursor::new(Vec::new());
    let written = content.write(&mut file)?;
    let mut out = target.writer()?;
    let done = out.write_all(file.get_ref()).and_then(|()| out.flush());
    done.with_context(|| format!("--out {}", args.out))?;
    drop(out);
    target.close()?;
    let mut parts = vec![format!(
        "Wrote {} cells and {} images in {} tiles to {}",
        grouped(content.areas.len() as u64),
        grouped((content.photos.len() as u64).saturating_sub(written.images_left_out)),
        grouped(written.tiles),
        args.out
    )];
    if written.images_left_out > 0 {
        parts.push(format!(
            "{} images are left out, since those of better quality fill their tiles",
            grouped(written.images_left_out)
        ));
    }
    tell(args, &(parts.join("; ") + "\n"))
}
