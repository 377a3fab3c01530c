//! The client against pools that are made up, in time that is made up.

mod event;
mod master;
mod script;
mod secrets;
mod session;
mod task;
mod vm;
