//! The world with its pictures.

use std::sync::Arc;

use cairn_datasets::city::world::World;
use cairn_datasets::digest::Digest;
use cairn_datasets::tables::TrueRecord;
use rayon::prelude::*;
use tokio::runtime::Runtime;

use super::rows::{Growing, TRUTH, Uploads, truth_of};
use super::{CityArgs, Made, source_of};
use crate::progress::Progress;
use crate::store::Store;

/// Makes the world with its pictures, party by party, each party's files on all threads.
pub(super) fn make(args: &CityArgs, world: &World, runtime: &Arc<Runtime>) -> anyhow::Result<Made> {
    let source = source_of(args);
    let store = Store::create(&source, runtime)?;
    let mut truth = Growing::<TrueRecord>::new(&args.out, TRUTH)?;
    let mut uploads = Uploads::new(&source)?;
    let studio = world.studio();
    let mut made = Made {
        parties: world.parties(),
        ..Made::default()
    };
    let stage = Progress::new().stage("city", usize::try_from(made.parties).unwrap_or(usize::MAX));
    for number in 0..made.parties {
        let party = world.party(number);
        let files: Vec<(Digest, Vec<u8>)> = party
            .items
            .par_iter()
            .map_init(
                || studio.clone(),
                |studio, item| {
                    let bytes = studio.make(item);
                    (Digest::of(&bytes), bytes)
                },
            )
            .collect();
        truth.add(truth_of(world, &party, !args.no_fixes)?)?;
        let mut named = Vec::new();
        for (item, (digest, bytes)) in party.items.iter().zip(files) {
            uploads.add(item, &digest)?;
            made.objects += 1;
            made.pictures += u64::from(item.is_picture());
            made.bytes += bytes.len() as u64;
            named.push((item.path.clone(), bytes));
        }
        store.put_each(named)?;
        stage.advance();
    }
    uploads.finish()?;
    made.rows = truth.finish()?;
    Ok(made)
}
