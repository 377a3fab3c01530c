//! Connections: requests and answers over a reader and a writer.

mod client;
mod end;
mod excerpt;
mod line;
mod receiver;
mod reply;
mod server;

pub use client::{Client, Signals};
pub use end::{EndStatus, Stream};
pub use excerpt::Excerpt;
pub use reply::{Reply, ReplyCaps};
pub use server::{Incoming, Responder, Server};

#[cfg(test)]
mod tests;
