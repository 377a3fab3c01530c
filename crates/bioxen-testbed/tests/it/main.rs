//! Clients of BioXen against guests of the testbed.

mod auth;
mod bed;
mod child;
mod cost;
mod first;
mod hostile;
mod keys;
mod killed;
mod limits;
mod matrix;
mod output;
mod pool;
mod same;
mod up;
mod words;
