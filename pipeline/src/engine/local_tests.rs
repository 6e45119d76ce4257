use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use super::*;
use crate::store::runtime;

fn engine(lanes: u64) -> (tempfile::TempDir, Local) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().to_string_lossy(), &runtime().unwrap()).unwrap();
    let bounds = Bounds {
        concurrency: lanes,
        memory: 1,
    };
    let engine = Local::new(2, WorkStore::new(store), Progress::silent()).unwrap();
    (folder, engine.within(&bounds, false))
}

fn corrupt(number: usize) -> EngineError {
    EngineError::CorruptWork {
        path: number.to_string(),
    }
}

#[test]
fn lanes_are_as_many_as_threads_and_more_where_requests_travel() {
    let bounds = |concurrency| Bounds {
        concurrency,
        memory: 1,
    };
    assert_eq!(bounds(0).lanes(4, false), 4);
    assert_eq!(bounds(0).lanes(4, true), 32);
    assert_eq!(bounds(0).lanes(64, true), 64);
    assert_eq!(bounds(7).lanes(4, true), 7);
    assert_eq!(bounds(7).lanes(4, false), 7);
}

#[test]
fn results_are_in_the_order_of_the_items() {
    let (_folder, engine) = engine(8);
    let items: Vec<usize> = (0..500).collect();
    let doubled = engine.map("test", &items, |item| Ok(engine.compute(|| item * 2)));
    assert!(doubled.unwrap().into_iter().eq((0..500).map(|item| item * 2)));
}

#[test]
fn the_first_error_in_order_is_told_whichever_comes_first() {
    let (_folder, engine) = engine(8);
    let items: Vec<usize> = (0..100).collect();
    let failed = engine.map("test", &items, |item| match item {
        10 => {
            std::thread::sleep(Duration::from_millis(100));
            Err(corrupt(10))
        }
        item if item % 7 == 4 && *item > 10 => Err(corrupt(*item)),
        _ => Ok(()),
    });
    assert!(failed.unwrap_err().to_string().contains("`10`"));
}

#[test]
fn one_failure_does_not_stop_the_others_and_many_do() {
    let (_folder, engine) = engine(4);
    let items: Vec<usize> = (0..200).collect();
    let done = AtomicUsize::new(0);
    let some = engine.map("test", &items, |item| {
        done.fetch_add(1, Ordering::SeqCst);
        if *item == 3 { Err(corrupt(*item)) } else { Ok(()) }
    });
    assert!(some.is_err());
    assert_eq!(done.swap(0, Ordering::SeqCst), 200);
    let all = engine.map("test", &items, |item| {
        done.fetch_add(1, Ordering::SeqCst);
        Err::<(), _>(corrupt(*item))
    });
    assert!(all.unwrap_err().to_string().contains("`0`"));
    assert!((4..12).contains(&done.load(Ordering::SeqCst)), "{done:?}");
}

/// What computes for polars waits on another pool, and takes up other work meanwhile: none of it may
/// wait for memory.
#[test]
fn tasks_that_hold_memory_and_compute_in_two_pools_come_to_an_end() {
    let (_folder, engine) = engine(16);
    let other = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let items: Vec<usize> = (0..300).collect();
    let sums = engine.map("test", &items, |item| {
        let _held = engine.memory.hold(1 << 19);
        Ok(engine.compute(|| other.install(|| item + 1)))
    });
    assert_eq!(sums.unwrap().len(), 300);
}
