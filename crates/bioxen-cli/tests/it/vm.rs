//! `bioxen vm`, `bioxen top` and `bioxen daemon`: each test has a state folder and a daemon of its own.

mod broken;
mod codes;
pub(crate) mod lab;
mod life;
pub(crate) mod pool;
mod processes;
mod terminal;
mod top;
