//! A stand-in for an XCP-ng pool on loopback, for tests and demonstrations.
//!
//! [`xapi`] is a simulator of the management interface: an independent reading of XAPI 2.23, which clients of any kind can be tried against.
//! It is for tests alone: the password is in plain text, certificates are made on the spot, and nothing is kept.
//!
//! A pool is a state machine in virtual time; a server puts it behind sockets in real time.
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

pub mod xapi;
