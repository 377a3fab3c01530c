//! What a person or a program reads.

pub(crate) mod config;
pub(crate) mod csv;
pub(crate) mod events;
pub(crate) mod genes;
pub(crate) mod json;
pub(crate) mod list;
pub(crate) mod operons;
pub(crate) mod package;
pub(crate) mod plot;
pub(crate) mod progress;
pub(crate) mod sink;
pub(crate) mod snapshot;
pub(crate) mod steps;
pub(crate) mod table;
pub(crate) mod top;
pub(crate) mod vm;
