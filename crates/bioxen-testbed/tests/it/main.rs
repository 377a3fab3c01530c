//! Clients of BioXen against guests of the testbed.

mod auth;
mod bed;
mod child;
mod first;
mod hostile;
mod keys;
mod killed;
mod limits;
mod output;
mod pool;
mod same;
