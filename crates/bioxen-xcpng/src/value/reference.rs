//! Names of objects: references, which live with the server's database, and UUIDs, which last.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use thiserror::Error;

mod sealed {
    pub trait Sealed {}
}

/// A class of objects of XAPI.
pub trait Class: sealed::Sealed + 'static {
    /// Its name, as calls spell it.
    const NAME: &'static str;
}

/// Declares classes.
macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident = $name:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $class {}

            impl sealed::Sealed for $class {}

            impl Class for $class {
                const NAME: &'static str = $name;
            }
        )*
    };
}

classes! {
    /// Virtual machines, templates and snapshots.
    Vm = "VM";
    /// What the agent inside a guest reports.
    GuestMetrics = "VM_guest_metrics";
    /// Disks and CD drives as a VM sees them.
    Vbd = "VBD";
    /// Network cards of VMs.
    Vif = "VIF";
    /// Disk images.
    Vdi = "VDI";
    /// Storage repositories.
    Sr = "SR";
    /// Networks.
    Network = "network";
    /// Hosts.
    Host = "host";
    /// What a host reports.
    HostMetrics = "host_metrics";
    /// The pool.
    Pool = "pool";
    /// Operations that run in the background.
    Task = "task";
}

/// The name of an object of class `C` for as long as the server's database is not rebuilt.
///
/// It is opaque: what is kept for longer is the [`Uuid`].
pub struct Ref<C> {
    text: String,
    class: PhantomData<fn() -> C>,
}

impl<C: Class> Ref<C> {
    /// The word for no object.
    pub(crate) const NULL: &'static str = "OpaqueRef:NULL";

    /// A reference, or `None` for the word that stands for no object.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty() && text != Self::NULL).then_some(Self {
            text,
            class: PhantomData,
        })
    }

    /// As it goes over the wire.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

// Derived, these would ask the same of the class.
impl<C> Clone for Ref<C> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            class: PhantomData,
        }
    }
}

impl<C> PartialEq for Ref<C> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<C> Eq for Ref<C> {}

impl<C> PartialOrd for Ref<C> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<C> Ord for Ref<C> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<C> std::hash::Hash for Ref<C> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<C> fmt::Debug for Ref<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<C> fmt::Display for Ref<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The lasting name of an object, in lower case.
///
/// ```
/// use bioxen_xcpng::value::Uuid;
///
/// let uuid = "0B5E6CDE-1E3A-4E22-9C1C-5B5F6A3C7D10".parse::<Uuid>()?;
/// assert_eq!(uuid.to_string(), "0b5e6cde-1e3a-4e22-9c1c-5b5f6a3c7d10");
/// assert!("cell-1".parse::<Uuid>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(String);

impl Uuid {
    /// Parses the usual form of 36 characters.
    ///
    /// # Errors
    ///
    /// [`InvalidUuid`] if it is something else.
    pub fn new(text: &str) -> Result<Self, InvalidUuid> {
        let fits = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if !fits {
            return Err(InvalidUuid);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Self, InvalidUuid> {
        Self::new(text)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a UUID is 32 hexadecimal digits with hyphens after the 8th, 12th, 16th and 20th")]
pub struct InvalidUuid;
