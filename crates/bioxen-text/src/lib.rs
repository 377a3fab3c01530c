//! Text that people write, YAML or JSON, as one small tree in which every value knows its line and column.
//!
//! [`read`] takes bytes and gives a [`Node`], or one [`TextError`] with the place of what cannot be read.
//! It is made for files of others: size, depth, number of values and length of names have [`Limits`]; names may occur once in a map; anchors, aliases and tags of YAML are refused, and so are several documents, bytes that are no UTF-8 and empty texts.
//! [`write`](fn@write) makes text of a tree again, and reading that gives the same tree.
//!
//! It knows nothing of what the values mean, reads no files and prints nothing.
//!
//! ```
//! use bioxen_text::{Format, Limits, Value, read};
//!
//! let tree = read(b"host:\n  workers: 2\n", Format::Yaml, &Limits::default())?;
//! let workers = tree.get("host").and_then(|host| host.entry("workers")).expect("it is there");
//! assert_eq!(workers.value.value, Value::Whole(2));
//! assert_eq!(workers.place.to_string(), "2:3");
//! assert_eq!(workers.value.place.to_string(), "2:12");
//! # Ok::<(), bioxen_text::TextError>(())
//! ```

mod tree;

mod path;
mod place;

mod error;
mod limits;

mod read;

mod json;
mod yaml;

mod write;

pub use error::TextError;
pub use limits::Limits;
pub use path::{PartPath, Step};
pub use place::{Place, lines};
pub use read::{Format, read};
pub use tree::{Entry, Node, Value, shortened};
pub use write::write;
