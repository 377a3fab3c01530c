//! A simulator of the management interface of an XCP-ng pool.

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
pub use model::ModelError;
pub use pool::{Answer, BuildError, Census, Changed, Exchange, Pool, Ticket};
pub use server::{Identity, Seen, SeenRequest, ServerError, ServerSpec, XapiServer};
pub use spec::{
    GuestSpec, HostSpec, NetworkSpec, PoolSpec, ShutdownHabit, StorageSpec, TemplateSpec, Timings,
};
pub use wire::Malformed;
