//! Random numbers that never change.
//!
//! The bytes of the sample city are part of tests and published digests. The stream cipher fixes the words;
//! the helpers that turn words into ranges are our own, because a crate's range sampling may change between
//! releases without that counting as a break.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::num;

/// A stream of random numbers, named by a seed and a stream number.
#[derive(Debug, Clone)]
pub(crate) struct Rng(ChaCha8Rng);

impl Rng {
    /// The stream `stream` of `seed`. Different streams are independent, so one thing more in the city leaves
    /// the numbers of everything else as they were.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut cipher = ChaCha8Rng::from_seed(key);
        cipher.set_stream(stream);
        Self(cipher)
    }

    /// A whole number in `0..n`; 0 if `n` is 0. The bias is below n / 2^32.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        let scaled = u64::from(self.0.next_u32()) * u64::from(n);
        u32::try_from(scaled >> 32).unwrap_or(0)
    }

    /// A number in 0..1, in steps of 2^-32.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// A number in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Mean 0, standard deviation 1, by the sum of twelve uniform numbers: no logarithm, no rejection.
    pub(crate) fn gauss(&mut self) -> f64 {
        let mut sum = -6.0;
        for _ in 0..12 {
            sum += self.unit();
        }
        sum
    }

    /// Fills `bytes`.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// A seed for the hashes of the renderer.
    pub(crate) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// `center` and up to `spread` to either side, in whole units.
    pub(crate) fn around(&mut self, center: i64, spread: i64) -> i64 {
        let span = num::double(spread) * 2.0;
        center - spread + num::round(span * self.unit())
    }
}
