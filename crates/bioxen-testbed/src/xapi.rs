//! A simulator of the management interface of an XCP-ng pool.
//!
//! - [`PoolSpec`] says what the pool is made of, [`Pool`] plays it in virtual time, and [`Pool::census`] tells what is left over.
//! - [`XapiServer`] puts it behind HTTP or HTTPS, with one listener for each host, and keeps what was [`Seen`].
//! - [`Plan`] says which calls and connections meet which [`Fault`].
//! - [`Guests`] is told of VMs that start and stop, so that real guests can be behind them.
//!
//! All classes of the data model have their records, and the messages that are made from fields and classes work for all of them.
//! A message that is known but not played fails with `NOT_IMPLEMENTED` and its name.
//!
//! ```
//! use std::time::Duration;
//!
//! use bioxen_testbed::xapi::{Answer, Pool, PoolSpec, TemplateSpec};
//!
//! let spec = PoolSpec::with_template(TemplateSpec::new("guest"));
//! let mut pool = Pool::new(&spec)?;
//! let call = b"<methodCall><methodName>session.login_with_password</methodName><params>\
//!     <param><value>root</value></param><param><value>password</value></param></params></methodCall>";
//! let exchange = pool.handle(Duration::ZERO, 0, call)?;
//! let Answer::Now(body) = exchange.answer else {
//!     panic!("a login is answered at once");
//! };
//! assert!(String::from_utf8(body)?.contains("<name>Status</name><value>Success</value>"));
//! assert_eq!(pool.census().sessions.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod failure;
mod fault;
mod guests;
mod model;
mod pool;
mod random;
mod server;
mod spec;
mod store;
#[cfg(test)]
mod testing;
mod value;
mod wire;

pub use fault::{Delivery, Fault, Met, Plan};
pub use guests::{Addresses, Guests, NoGuests, StartedVm};
pub use model::{DataModel, ModelError};
pub use pool::{Answer, BuildError, Census, Changed, Exchange, Pool, Ticket, VmView};
pub use server::{Identity, Seen, SeenRequest, ServerError, ServerSpec, XapiServer};
pub use spec::{
    GuestSpec, HostSpec, NetworkSpec, PoolSpec, ShutdownHabit, StorageSpec, TemplateSpec, Timings,
};
pub use wire::Malformed;
