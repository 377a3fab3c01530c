//! Where packages are found: the built-in ones, then folders, in order.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bioxen_core::{PackageName, nearest};
use bioxen_text::shortened;
use thiserror::Error;

use super::bundle::{BUNDLE_ENDING, BundleError, MAX_BUNDLE_BYTES, read_bundle};
use super::contents::Package;
use super::places::{Place, places};
use super::problem::ManifestErrors;
use super::{MANIFEST, MAX_FILE_BYTES};

/// A built-in package: its name, and its files by name.
type BuiltIn = (&'static str, &'static [(&'static str, &'static str)]);

const BUILT_IN: [BuiltIn; 9] = [
    (
        "puc19",
        &[(MANIFEST, include_str!("../../packages/puc19/package.yaml"))],
    ),
    (
        "pbr322",
        &[(MANIFEST, include_str!("../../packages/pbr322/package.yaml"))],
    ),
    (
        "gfp_reporter",
        &[(
            MANIFEST,
            include_str!("../../packages/gfp_reporter/package.yaml"),
        )],
    ),
    (
        "repressilator",
        &[(
            MANIFEST,
            include_str!("../../packages/repressilator/package.yaml"),
        )],
    ),
    (
        "toggle_switch",
        &[(
            MANIFEST,
            include_str!("../../packages/toggle_switch/package.yaml"),
        )],
    ),
    (
        "repressilator_integrated",
        &[(
            MANIFEST,
            include_str!("../../packages/repressilator_integrated/package.yaml"),
        )],
    ),
    (
        "toggle_switch_integrated",
        &[(
            MANIFEST,
            include_str!("../../packages/toggle_switch_integrated/package.yaml"),
        )],
    ),
    (
        "growth",
        &[
            (MANIFEST, include_str!("../../packages/growth/package.yaml")),
            (
                "growth.star",
                include_str!("../../packages/growth/growth.star"),
            ),
        ],
    ),
    (
        "burden",
        &[
            (MANIFEST, include_str!("../../packages/burden/package.yaml")),
            (
                "burden.star",
                include_str!("../../packages/burden/burden.star"),
            ),
        ],
    ),
];

/// Packages by name: the built-in ones, then those of folders that hold a folder or a bundle for each package.
#[derive(Debug, Clone, Default)]
pub struct PackageLibrary {
    folders: Vec<PathBuf>,
}

/// A package and where it was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Listed {
    /// The package.
    pub package: Package,
    /// Where it was found.
    pub origin: Origin,
    /// Where the package of that name is which is found before this one.
    pub hidden_by: Option<Origin>,
}

/// Where a package was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the program.
    BuiltIn,
    /// In this folder.
    Folder(PathBuf),
    /// In this bundle.
    Bundle(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::Folder(path) | Self::Bundle(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Why a package cannot be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// No package has the name.
    #[error("no package is called {name:?}; looked at {}", looked.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// Where it was looked for.
        looked: Vec<String>,
        /// The name that may have been meant.
        nearest: Option<String>,
    },
    /// A file or folder cannot be read.
    #[error("could not read {}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is not in order.
    #[error("the manifest {} is not in order", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// All that is wrong with it.
        source: ManifestErrors,
    },
    /// The bundle is not in order.
    #[error("the bundle {} is not in order", path.display())]
    Bundle {
        /// The bundle.
        path: PathBuf,
        /// What is wrong with it.
        source: BundleError,
    },
    /// The folder or bundle has another name than the package in it.
    #[error("the package in {} is called {found:?}, or has another version", folder.display())]
    Misnamed {
        /// The folder or bundle.
        folder: PathBuf,
        /// Name in the manifest.
        found: String,
        /// The name that the folder or bundle should have.
        wanted: String,
    },
}

impl LibraryError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown {
                nearest: Some(name),
                ..
            } => Some(format!("did you mean {name}?")),
            Self::Unknown { .. } => Some("list shows the packages that are there".to_owned()),
            Self::Unreadable { .. } => Some(format!(
                "give a folder with a {MANIFEST}, the manifest itself, or a bundle NAME-VERSION{BUNDLE_ENDING}"
            )),
            Self::Manifest { source, .. } => source.hint(),
            Self::Bundle { source, .. } => source.hint(),
            Self::Misnamed { wanted, .. } => Some(format!("call it {wanted}")),
        }
    }
}

/// Where a state folder has its packages.
pub fn packages_folder(state: &Path) -> PathBuf {
    state.join("packages")
}

impl PackageLibrary {
    /// The packages in the program alone.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// The packages in the program, then those in `packages` of a state folder, then those of other folders in order.
    ///
    /// A folder that does not exist holds none.
    pub fn new(state: Option<&Path>, folders: &[PathBuf]) -> Self {
        let state = state.map(packages_folder);
        let folders = state.into_iter().chain(folders.iter().cloned());
        Self {
            folders: folders.collect(),
        }
    }

    /// All packages, in the order in which they are found, and what cannot be read as one.
    pub fn list(&self) -> (Vec<Listed>, Vec<LibraryError>) {
        let mut listed: Vec<Listed> = BUILT_IN.iter().map(built_in).collect();
        let mut refused = Vec::new();
        for folder in &self.folders {
            let found = places(folder).unwrap_or_else(|error| {
                refused.push(error);
                Vec::new()
            });
            for place in found {
                match read_named(&place) {
                    Ok(package) => {
                        let before = listed.iter().find(|l| l.package.name == package.name);
                        let hidden_by = before.map(|listed| listed.origin.clone());
                        listed.push(Listed {
                            package,
                            origin: place.origin(),
                            hidden_by,
                        });
                    }
                    Err(error) => refused.push(error),
                }
            }
        }
        (listed, refused)
    }

    /// The first package of this name.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Unknown`] says where was looked and which name is nearest; the others say why the first folder of
    /// that name holds no package.
    pub fn find(&self, name: &str) -> Result<Listed, LibraryError> {
        if let Some(found) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Ok(built_in(found));
        }
        // Other texts could lead out of the folders.
        if PackageName::new(name).is_ok() {
            for folder in &self.folders {
                // A folder that cannot be read is told of by a list.
                let found = places(folder).unwrap_or_default();
                if let Some(place) = found.iter().find(|place| place.name == name) {
                    return Ok(Listed {
                        package: read_named(place)?,
                        origin: place.origin(),
                        hidden_by: None,
                    });
                }
            }
        }
        let mut known: Vec<String> = BUILT_IN
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        for folder in &self.folders {
            let found = places(folder).unwrap_or_default();
            known.extend(found.into_iter().map(|place| place.name));
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let places = self
            .folders
            .iter()
            .map(|folder| folder.display().to_string());
        Err(LibraryError::Unknown {
            name: shortened(name),
            looked: std::iter::once("the built-in packages".to_owned())
                .chain(places)
                .collect(),
            nearest: nearest(name, &known).map(str::to_owned),
        })
    }

    /// Folders and bundles of this name, in order of the places where packages are looked for, in order or not.
    pub fn paths(&self, name: &str) -> Vec<PathBuf> {
        let found = self.folders.iter().flat_map(|folder| {
            // A folder that cannot be read is told of by a list.
            places(folder).unwrap_or_default()
        });
        found
            .filter(|place| place.name == name)
            .map(|place| place.path)
            .collect()
    }

    /// Reads one package from its folder, its manifest or its bundle, whatever they are called.
    ///
    /// A file is taken for a bundle if its name ends so.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Unreadable`], [`LibraryError::Manifest`] or [`LibraryError::Bundle`].
    pub fn read(path: &Path) -> Result<Package, LibraryError> {
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.ends_with(BUNDLE_ENDING)) && !path.is_dir() {
            return read_bundle_at(path);
        }
        let manifest = if path.is_dir() {
            path.join(MANIFEST)
        } else {
            path.to_owned()
        };
        let folder = manifest.parent().unwrap_or(Path::new("")).to_owned();
        let text = read_text(&manifest).map_err(|source| LibraryError::Unreadable {
            path: manifest.clone(),
            source,
        })?;
        Package::read(&text, &mut |name| read_text(&folder.join(name))).map_err(|source| {
            LibraryError::Manifest {
                path: manifest,
                source,
            }
        })
    }
}

impl Place {
    fn origin(&self) -> Origin {
        match self.version {
            Some(_) => Origin::Bundle(self.path.clone()),
            None => Origin::Folder(self.path.clone()),
        }
    }
}

fn read_bundle_at(path: &Path) -> Result<Package, LibraryError> {
    let bytes = read_bytes(path, MAX_BUNDLE_BYTES).map_err(|source| LibraryError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    read_bundle(&bytes).map_err(|source| LibraryError::Bundle {
        path: path.to_owned(),
        source,
    })
}

fn built_in(which: &BuiltIn) -> Listed {
    let text = |name: &str| {
        let file = which.1.iter().find(|(known, _)| *known == name);
        file.map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    let manifest = text(MANIFEST).expect("each built-in package has a manifest");
    let package = Package::read(&manifest, &mut |name| text(name))
        .expect("a test reads all built-in packages");
    Listed {
        package,
        origin: Origin::BuiltIn,
        hidden_by: None,
    }
}

/// Reads a package whose name says what it is.
fn read_named(place: &Place) -> Result<Package, LibraryError> {
    let package = PackageLibrary::read(&place.path)?;
    let version = place.version.as_deref();
    if package.name.as_str() == place.name && version.is_none_or(|named| named == package.version) {
        return Ok(package);
    }
    Err(LibraryError::Misnamed {
        found: package.name.to_string(),
        wanted: match version {
            Some(_) => package.bundle_name(),
            None => package.name.to_string(),
        },
        folder: place.path.clone(),
    })
}

/// Text of a file that is not too long to be one of a package.
fn read_text(path: &Path) -> io::Result<String> {
    let bytes = read_bytes(path, MAX_FILE_BYTES)?;
    if u64::try_from(bytes.len()).is_ok_and(|n| n > MAX_FILE_BYTES) {
        let what = format!("it has more than {MAX_FILE_BYTES} bytes");
        return Err(io::Error::other(what));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is no UTF-8 text"))
}

/// Bytes of a file, one more than are allowed at most.
fn read_bytes(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Opening a pipe would wait for its other end.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    File::open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
