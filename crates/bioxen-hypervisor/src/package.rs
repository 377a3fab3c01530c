//! Biological packages: named, versioned bundles of genetic parts or of analysis functions.
//!
//! A package is a folder with a manifest, `package.yaml`, or such a folder in one file, a bundle. [`Package::read`] makes one from text and reports every problem
//! of it with part and line; [`PackageLibrary`] finds packages by name, the built-in ones first.
//!
//! ```
//! use bioxen_hypervisor::package::PackageLibrary;
//!
//! let library = PackageLibrary::built_in();
//! let package = library.find("puc19")?.package;
//! assert_eq!(package.version, "1.0.0");
//! assert_eq!(package.constructs().len(), 1);
//! # Ok::<(), bioxen_hypervisor::package::LibraryError>(())
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use bioxen_core::PackageName;

mod bundle;
mod checks;
mod contents;
mod library;
mod manifest;
mod parts;
mod places;
mod problem;
mod reading;
mod saved;
mod version;

pub use bundle::{BUNDLE_ENDING, BundleError, MAX_BUNDLE_BYTES};
pub use contents::{
    AnalysisFunction, Contents, Evidence, Genetic, Package, PackageFile, PackageKind, Source,
};
pub use library::{LibraryError, Listed, Origin, PackageLibrary, packages_folder};
pub use problem::{ManifestErrors, ManifestProblem};

/// Packages of functions that a VM has, by name.
pub(crate) type Packages = BTreeMap<PackageName, Arc<Package>>;

/// Name of the file that describes a package.
pub const MANIFEST: &str = "package.yaml";

/// Greatest size of a file of a package, bytes.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// JSON Schema of the manifest, for editors.
///
/// It knows types, names and ranges; what one part says about another, [`Package::read`] alone checks.
pub const MANIFEST_SCHEMA: &str = include_str!("../../../docs/schema/package.schema.json");

#[cfg(test)]
mod tests;
