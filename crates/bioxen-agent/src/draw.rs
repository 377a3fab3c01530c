//! What a client draws: names of operations, nonces and seeds, from the entropy of the operating system.
//!
//! They are arguments everywhere else: whoever is on the command line draws them.

use std::hash::{BuildHasher, RandomState};

use bioxen_core::Seed;

use crate::frame::OpId;
use crate::hello::Nonce;

/// A name for an operation.
pub fn draw_op() -> OpId {
    // All zeros, once in 2^128, is no name of an operation.
    OpId::new(draw()).unwrap_or_else(draw_op)
}

/// A nonce for a connection.
pub fn draw_nonce() -> Nonce {
    Nonce::new(draw())
}

/// A seed below 2^53, so that every reader of JSON keeps it whole.
pub fn draw_seed() -> Seed {
    Seed::new(half("seed") >> 11)
}

fn draw() -> [u8; 16] {
    (u128::from(half("high")) << 64 | u128::from(half("low"))).to_be_bytes()
}

/// The keys of the standard library's hashes are drawn by the system.
fn half(name: &str) -> u64 {
    RandomState::new().hash_one(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_drawn_is_new_each_time_and_seeds_are_short() {
        let ops: BTreeSet<OpId> = (0..1000).map(|_| draw_op()).collect();
        let nonces: BTreeSet<Nonce> = (0..1000).map(|_| draw_nonce()).collect();
        assert_eq!((ops.len(), nonces.len()), (1000, 1000));
        assert!((0..1000).all(|_| draw_seed().get() < 1 << 53));
    }
}
