//! The pages in `docs/api`: those on pools against a testbed, and that each page is tested at all.
//!
//! Pages on VMs of this process are doc tests of the facade (`crates/bioxen/src/documented.rs`).

mod pages;
mod pools;
