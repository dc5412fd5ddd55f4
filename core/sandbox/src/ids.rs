//! Deterministic sources of ids and tokens.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::lock::lock;

/// Numbers one after the other, as a tool's own record ids.
#[derive(Debug)]
pub struct Sequence(AtomicU64);

impl Sequence {
    /// Starts at `first`.
    #[must_use]
    pub const fn starting_at(first: u64) -> Self {
        Self(AtomicU64::new(first))
    }

    /// The next number.
    pub fn take(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Text that looks random and is the same for the same seed: tokens, request ids, hashes.
#[derive(Debug)]
pub struct Tokens(Mutex<fastrand::Rng>);

impl Tokens {
    /// The source of a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&self, length: usize) -> String {
        let mut rng = lock(&self.0);
        (0..length).filter_map(|_| char::from_digit(rng.u32(..16), 16)).collect()
    }

    /// A number below `end`; 0 when `end` is 0.
    pub fn below(&self, end: u64) -> u64 {
        if end == 0 { 0 } else { lock(&self.0).u64(..end) }
    }
}
