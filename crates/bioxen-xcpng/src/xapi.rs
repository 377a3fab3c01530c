//! XAPI, the server of an XCP-ng pool: one session, typed calls, tasks and events.
//!
//! Facts about the wire were read from the server's source, XAPI 2.23, `xapi-project/xen-api`; older servers send less and are read all the same.

mod address;
mod call;
mod event;
mod failure;
mod host;
mod login;
mod network;
mod options;
mod own;
mod pool;
mod records;
mod session;
mod storage;
mod task;
mod vm;

pub use address::{AddressFilter, Cidr, InvalidCidr};
pub use call::{Bounds, Repeat};
pub use failure::{Failure, FailureClass};
pub use host::{HostMetricsRecord, HostRecord};
pub use network::{NetworkRecord, NewVif, VifRecord};
pub use options::{XapiLimits, XapiOptions};
pub use pool::{PoolRecord, TestReport};
pub use records::{GuestMetricsRecord, PowerState, VmRecord};
pub use session::Xapi;
pub use storage::{SrRecord, VbdKind, VbdRecord, VdiRecord};
pub use task::{TaskRecord, TaskStatus};
pub use vm::{MemoryLimits, NameOrUuid, NewVm};

#[cfg(test)]
mod tests;
