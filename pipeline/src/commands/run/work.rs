//! Where a run keeps intermediate results.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use cairn_datasets::digest::Digest;
use tokio::runtime::Runtime;

use super::{Args, Asked};
use crate::store::{Store, absolute};

/// Where intermediate results are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Where the user said.
    Named(String),
    /// In the user's cache: not below the output, since fixes show where people live.
    Ours(PathBuf),
}

impl Work {
    pub(super) fn of(args: &Args, asked: &Asked) -> Self {
        if let Some(location) = &args.work {
            return Self::Named(location.clone());
        }
        // The same command finds its folder again; another one at the same time has its own.
        let places = |given: &[String]| {
            given
                .iter()
                .map(|place| absolute(place))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let command = [
            absolute(&args.source),
            absolute(&args.out),
            asked.spec.to_string(),
            asked.as_of.map(|at| at.to_string()).unwrap_or_default(),
            args.pool.to_string(),
            asked.policy.digest().to_string(),
            places(&args.previous),
            places(&args.adjustments),
            args.operator.clone().unwrap_or_default(),
        ];
        let command = Digest::of_parts(&command.each_ref().map(String::as_bytes));
        let cache = dirs::cache_dir().unwrap_or_else(std::env::temp_dir);
        Self::Ours(cache.join("cairn").join(format!("work-{}", command.short())))
    }

    pub(super) fn open(&self, runtime: &Arc<Runtime>) -> anyhow::Result<Store> {
        match self {
            Self::Named(location) => Store::create(location, runtime).context("--work"),
            Self::Ours(folder) => Store::create(&folder.to_string_lossy(), runtime)
                .context("the default work folder; name another with --work"),
        }
    }

    /// The epoch is published: what led to it is not needed any more.
    pub(super) fn close(self) {
        if let Self::Ours(folder) = self
            && let Err(error) = std::fs::remove_dir_all(&folder)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("work folder `{}` could not be removed: {error}", folder.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::asked;
    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn each_epoch_and_each_way_to_run_it_has_a_work_folder_of_its_own() {
        let work = |further: &[&str]| {
            let given = ["cairn", "--source", "s", "--out", "o"];
            let args = Cli::parse_from(given.iter().chain(further)).args;
            let asked = asked(&args).unwrap();
            Work::of(&args, &asked)
        };
        assert_eq!(work(&[]), work(&["--threads", "3", "--tile-resolution", "5"]));
        assert_eq!(work(&["--work", "w"]), Work::Named("w".to_owned()));
        let ways: [&[&str]; 9] = [
            &["--previous", "p"],
            &["--adjustments", "p"],
            &["--adjustments", "p", "--adjustments", "q"],
            &["--operator", "p"],
            &["--epoch", "2026-W20"],
            &["--epoch", "2026-W21"],
            &["--as-of", "2026-06-01T00:00:00Z"],
            &["--pool", "7"],
            &["--set", "dedup.near-bits=0"],
        ];
        let mut folders: Vec<Work> = ways.iter().map(|way| work(way)).collect();
        folders.push(work(&[]));
        for (at, folder) in folders.iter().enumerate() {
            assert!(!folders[..at].contains(folder), "{folder:?}");
        }
    }
}
