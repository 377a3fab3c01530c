//! Connections: requests and answers over a reader and a writer.

mod client;
mod end;
mod line;
mod receiver;
mod reply;
mod server;

pub use client::{Client, Signals};
pub use end::{EndStatus, Stream};
pub use reply::{Excerpt, Reply, ReplyCaps};
pub use server::{Incoming, Responder, Server};

#[cfg(test)]
mod tests;
