//! Configuration of BioXen that people can trust: one load gives a typed [`Config`], or every problem at once, each with its place and its cure.
//!
//! A value comes from a file (JSON or YAML, found in the usual places or named), from the overlay of an environment, from a variable `BIOXEN_SECTION__NAME`, or from a flag; the later wins, and [`Loaded::raw`] knows of each where it comes from.
//! What nobody gives is as if there were no configuration.
//!
//! All settings stand in one table, [`SETTINGS`]: parsing, hints, template, JSON Schema and the reference page are made of it.
//!
//! It starts no VM and knows no engine and no network. It reads the files that it is told to read, and asks the process for nothing: see [`Surroundings`].
//!
//! ```
//! use bioxen_config::{Request, Surroundings, load_text, render};
//!
//! let request = Request::new(Surroundings::nowhere());
//! let text = "resource_limits:\n  max_apt: 60\n";
//! let errors = load_text("host.yaml".as_ref(), text.as_bytes(), &request).expect_err("a slip");
//! assert_eq!(
//!     render(errors.problems()),
//!     "error: resource_limits.max_apt: there is no such setting
//!   --> host.yaml:2:3
//!   |
//! 2 |   max_apt: 60
//!   |   ^^^^^^^
//!   = help: did you mean max_atp?
//!
//! 1 error
//! ",
//! );
//! ```

mod config;

mod model;

mod load;
mod raw;

mod discover;
mod file;
mod surroundings;

mod origin;
mod problem;
mod render;

mod validate;

mod reference;
mod save;
mod schema;
mod show;
mod template;

mod parse;
mod private;
mod secret;

pub use bioxen_core::Secret;
pub use bioxen_text::Format;
pub use config::{
    BiologicalSettings, Config, HypervisorSettings, Packages, Performance, ResourceLimits,
    XcpngConfig,
};
pub use discover::{Candidate, NAMES, candidates};
pub use load::{FileChoice, Loaded, Request, effective, load, load_text};
pub use model::{Kind, Need, SETTINGS, Section, Setting, VmType};
pub use origin::Origin;
pub use parse::{Given, Interval, InvalidValue, Size, Url};
pub use problem::{ConfigErrors, Excerpt, Problem, Problems, Severity};
pub use raw::RawConfig;
pub use reference::reference;
pub use render::render;
pub use save::{SaveError, Step, save};
pub use schema::schema;
pub use secret::{PasswordSource, SecretError};
pub use show::{Shown, show, text};
pub use surroundings::Surroundings;
pub use template::{BLANK, SCHEMA_ADDRESS, generate_template, load_defaults};
