//! Benches of BioXen.
//!
//! Each question about speed is one file in this package and one `[[bench]]` entry in its manifest, with fixed seeds
//! and named sizes. Run all with `cargo bench -p bioxen-benches`.
