use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

#[test]
fn no_more_is_held_than_there_is_and_everyone_comes_to_an_end() {
    let memory = Memory::new(1000);
    let (held, most) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..16_u64 {
            let (memory, held, most) = (&memory, &held, &most);
            scope.spawn(move || {
                for turn in 0..200_u64 {
                    let bytes = (thread * 131 + turn * 37) % 700;
                    let part = memory.hold(bytes);
                    most.fetch_max(held.fetch_add(bytes, Ordering::SeqCst) + bytes, Ordering::SeqCst);
                    std::thread::yield_now();
                    held.fetch_sub(bytes, Ordering::SeqCst);
                    drop(part);
                }
            });
        }
    });
    let most = most.load(Ordering::SeqCst);
    assert!((600..=1000).contains(&most), "{most}");
}

#[test]
fn what_is_larger_than_all_memory_runs_alone() {
    let memory = Memory::new(10);
    let running = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (memory, running) = (&memory, &running);
            scope.spawn(move || {
                let _part = memory.hold(u64::MAX);
                assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
                std::thread::yield_now();
                running.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
}

#[test]
fn a_budget_of_nothing_lets_tasks_through_all_the_same() {
    let memory = Memory::new(0);
    let _one = memory.hold(5);
    let _two = memory.hold(5);
}
