//! A stand-in for an XCP-ng pool on loopback, for tests and demonstrations.

pub mod guests;
pub mod xapi;
