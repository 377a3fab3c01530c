//! Packages in a VM.

use bioxen_core::{InstallReport, PackageName, VmError};
use thiserror::Error;

use super::BasicBiologicalVm;
use crate::package::{Listed, Package, PackageKind, PackageLibrary};

/// Why a package that is in order is not installed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InstallError {
    /// Another version is there.
    #[error("version {there} of package \"{package}\" is there, and {wanted} was asked for")]
    OtherVersion {
        /// The package.
        package: String,
        /// The version that the cell has.
        there: String,
        /// The version that was asked for.
        wanted: String,
    },
    /// The package has nothing for a cell.
    #[error("package \"{package}\" holds functions for process code and no genes")]
    NoGenes {
        /// The package.
        package: String,
    },
    /// The genome is to stay minimal.
    #[error("package \"{package}\" adds genes, and the host keeps genomes minimal")]
    AddsGenes {
        /// The package.
        package: String,
    },
    /// The host takes no plasmids.
    #[error("package \"{package}\" is a plasmid, and the host allows none")]
    Plasmid {
        /// The package.
        package: String,
    },
    /// The package is made for other organisms.
    #[error("package \"{package}\" is made for {hosts}, not for {organism}")]
    OtherHost {
        /// The package.
        package: String,
        /// The organisms that it is made for.
        hosts: String,
        /// The organism of the cell.
        organism: String,
    },
}

impl InstallError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::OtherVersion { package, .. } => format!("take {package} away first"),
            Self::NoGenes { .. } => "copy its functions into the program".to_owned(),
            Self::AddsGenes { .. } => {
                "run it on a host without the rule (biological_settings.minimal_mode)".to_owned()
            }
            Self::Plasmid { .. } => {
                "allow plasmids (biological_settings.plasmid_support)".to_owned()
            }
            Self::OtherHost { hosts, .. } => format!("run it in a cell of {hosts}"),
        }
    }
}

impl BasicBiologicalVm {
    /// Gives the cell the genetic parts of a package; nothing happens when it has them in this version.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] whose source is an [`InstallError`] or a [`ConstructError`](crate::ConstructError), or as
    /// [`BasicBiologicalVm::inspect`]. The cell is then as it was.
    pub fn install_package(&self, package: &Package) -> Result<InstallReport, VmError> {
        let name = package.name.as_str().to_owned();
        let refused = |error: InstallError| VmError::Backend {
            context: "the package cannot be installed",
            source: Box::new(error),
        };
        if package.kind() == PackageKind::Analysis {
            return Err(refused(InstallError::NoGenes { package: name }));
        }
        let organism = self.info.organism;
        if !package.hosts.is_empty() && !package.hosts.contains(&organism) {
            let hosts: Vec<String> = package.hosts.iter().map(ToString::to_string).collect();
            return Err(refused(InstallError::OtherHost {
                package: name,
                hosts: hosts.join(" or "),
                organism: organism.to_string(),
            }));
        }
        let there = self.inspect(|cell| {
            let same = cell.constructs().iter().find(|c| c.name == name);
            same.map(|construct| construct.version.clone())
        })?;
        let stdout = match there {
            Some(there) if there == package.version => {
                format!("{name} {there} is there already")
            }
            Some(there) => {
                return Err(refused(InstallError::OtherVersion {
                    package: name,
                    there,
                    wanted: package.version.clone(),
                }));
            }
            None => {
                for construct in package.constructs() {
                    self.install(&construct)?;
                }
                format!("installed {name} {}", package.version)
            }
        };
        Ok(InstallReport {
            package: package.name.clone(),
            success: true,
            stdout,
            stderr: String::new(),
        })
    }

    /// As [`BasicBiologicalVm::install_package`], by the name of a package of the hypervisor's library.
    pub(super) fn install_by_name(&self, name: &PackageName) -> Result<InstallReport, VmError> {
        let folders = &self.hypervisor.host().config.package_folders;
        let library = PackageLibrary::new(None, folders);
        let Listed { package, .. } =
            library
                .find(name.as_str())
                .map_err(|error| VmError::Backend {
                    context: "the package cannot be had",
                    source: Box::new(error),
                })?;
        self.install_package(&package)
    }
}
