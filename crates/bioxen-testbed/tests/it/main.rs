//! Clients of BioXen against guests of the testbed.

mod bed;
mod first;
