//! What the numbers of a construct may be, wherever they come from.

use std::ops::RangeInclusive;

/// Numbers that are allowed.
pub(crate) type Limits = RangeInclusive<f64>;

/// Length of a plasmid, bp, its share of G-C pairs, and its mean copies.
pub(crate) const PLASMID_BP: Limits = 100.0..=1e6;
pub(crate) const GC_CONTENT: Limits = 0.0..=1.0;
pub(crate) const COPIES: Limits = 0.5..=5000.0;

/// Strength of a promoter over the mean of the host, and the share of it that is left without activation.
pub(crate) const STRENGTH: Limits = 0.0..=1e4;
pub(crate) const LEAK: Limits = 0.0..=1.0;

/// Half-life of a message, s.
pub(crate) const MESSAGE_HALF_LIFE_S: Limits = 1.0..=1e6;

/// Concentration of a regulator at its half effect, nM, and its Hill coefficient.
pub(crate) const HALF_NM: Limits = 1e-3..=1e9;
pub(crate) const HILL: Limits = 0.1..=20.0;

/// Residues of a protein, its binding site for ribosomes, and half-life and maturation time, s.
pub(crate) const RESIDUES: Limits = 1.0..=20_000.0;
pub(crate) const BINDING_SITE: Limits = 0.0..=1000.0;
pub(crate) const PROTEIN_TIME_S: Limits = 1.0..=1e7;

/// `what` with the numbers that are allowed.
pub(super) fn allowed(what: &str, limits: &Limits) -> String {
    format!("{what} {} to {}", limits.start(), limits.end())
}
