//! Packages in a VM.

use std::sync::Arc;

use bioxen_core::{InstallReport, InstalledPackage, PackageName, PackagePlace, VmError, nearest};
use thiserror::Error;

use super::{BasicBiologicalVm, misfit};
use crate::cell::Carrier;
use crate::guest::Guest;
use crate::package::{Listed, Package, PackageKind, PackageLibrary};

/// Why a package that is in order is not installed, or one is not removed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InstallError {
    /// Another version is there.
    #[error("version {there} of package \"{package}\" is there, and {wanted} was asked for")]
    OtherVersion {
        /// The package.
        package: String,
        /// The version that the VM has.
        there: String,
        /// The version that was asked for.
        wanted: String,
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
    /// The VM has no package of that name.
    #[error("package \"{package}\" is not installed in this VM")]
    NotThere {
        /// The package.
        package: String,
        /// The installed package that may be meant.
        nearest: Option<String>,
        /// The packages that are installed.
        there: Vec<String>,
    },
}

impl InstallError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::OtherVersion { package, .. } => format!("remove {package} first"),
            Self::AddsGenes { .. } => {
                "run it on a host without the rule (biological_settings.minimal_mode)".to_owned()
            }
            Self::Plasmid { .. } => {
                "allow plasmids (biological_settings.plasmid_support)".to_owned()
            }
            Self::OtherHost { hosts, .. } => format!("run it in a cell of {hosts}"),
            Self::NotThere {
                nearest: Some(name),
                ..
            } => format!("did you mean {name}?"),
            Self::NotThere { there, .. } if there.is_empty() => "it has no packages".to_owned(),
            Self::NotThere { there, .. } => format!("it has {}", there.join(", ")),
        }
    }
}

impl BasicBiologicalVm {
    /// Gives the cell the genes of a package, or its programs the functions of one; nothing happens when the VM has it in
    /// this version.
    ///
    /// Functions do not change the cell: it goes on byte for byte as it would have without them.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] whose source is an [`InstallError`] or a [`ConstructError`](crate::ConstructError), or as
    /// [`BasicBiologicalVm::inspect`]. The VM is then as it was.
    pub fn install_package(&self, package: &Package) -> Result<InstallReport, VmError> {
        let name = &package.name;
        let organism = self.info.organism;
        if !package.hosts.is_empty() && !package.hosts.contains(&organism) {
            let hosts: Vec<String> = package.hosts.iter().map(ToString::to_string).collect();
            return Err(refused(InstallError::OtherHost {
                package: name.to_string(),
                hosts: hosts.join(" or "),
                organism: organism.to_string(),
            }));
        }
        let limits = &self.hypervisor.host().config.limits;
        for construct in package.constructs() {
            limits.check_construct(&construct).map_err(refused)?;
        }
        let stdout = self.with_guest(|guest| {
            let there = installed(guest)
                .into_iter()
                .find(|there| there.name == name.as_str());
            match there {
                Some(there) if there.version == package.version => {
                    Ok(format!("{name} {} is there already", there.version))
                }
                Some(there) => Err(refused(InstallError::OtherVersion {
                    package: name.to_string(),
                    there: there.version,
                    wanted: package.version.clone(),
                })),
                None => {
                    give(guest, package)?;
                    Ok(format!("installed {name} {}", package.version))
                }
            }
        })??;
        Ok(done(name, stdout))
    }

    /// Takes away what a package brought: genes with all that they made, or functions.
    ///
    /// # Errors
    ///
    /// [`VmError::Backend`] whose source is an [`InstallError`] when it is not there, or a
    /// [`ConstructError`](crate::ConstructError) when another package needs one of its proteins, or as
    /// [`BasicBiologicalVm::inspect`]. The VM is then as it was.
    pub fn remove_package(&self, name: &PackageName) -> Result<InstallReport, VmError> {
        let stdout = self.with_guest(|guest| {
            let all = installed(guest);
            let Some(there) = all.iter().find(|there| there.name == name.as_str()) else {
                let there: Vec<String> = all.into_iter().map(|there| there.name).collect();
                let known: Vec<&str> = there.iter().map(String::as_str).collect();
                return Err(refused(InstallError::NotThere {
                    package: name.to_string(),
                    nearest: nearest(name.as_str(), &known).map(str::to_owned),
                    there,
                }));
            };
            if guest.packages.remove(name).is_none() {
                let taken = guest.cell.uninstall(name.as_str());
                taken.map_err(|error| misfit("the package cannot be removed", error))?;
            }
            Ok(format!("removed {name} {}", there.version))
        })??;
        Ok(done(name, stdout))
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

/// The packages that a guest has.
pub(super) fn installed(guest: &Guest) -> Vec<InstalledPackage> {
    let genes = guest
        .cell
        .constructs()
        .iter()
        .map(|construct| InstalledPackage {
            name: construct.name.clone(),
            version: construct.version.clone(),
            place: match construct.carrier {
                Carrier::Plasmid { .. } => PackagePlace::Plasmid,
                Carrier::Chromosome { .. } => PackagePlace::Chromosome,
            },
        });
    let functions = guest.packages.values().map(|package| InstalledPackage {
        name: package.name.to_string(),
        version: package.version.clone(),
        place: PackagePlace::Programs,
    });
    genes.chain(functions).collect()
}

/// All or nothing.
fn give(guest: &mut Guest, package: &Package) -> Result<(), VmError> {
    if package.kind() == PackageKind::Analysis {
        let package = Arc::new(package.clone());
        guest.packages.insert(package.name.clone(), package);
    }
    // A package has one construct at most.
    for construct in package.constructs() {
        let given = guest.cell.install(&construct);
        given.map_err(|error| misfit("the construct does not fit the cell", error))?;
    }
    Ok(())
}

fn refused(error: InstallError) -> VmError {
    VmError::Backend {
        context: match error {
            InstallError::NotThere { .. } => "the package cannot be removed",
            _ => "the package cannot be installed",
        },
        source: Box::new(error),
    }
}

fn done(package: &PackageName, stdout: String) -> InstallReport {
    InstallReport {
        package: package.clone(),
        success: true,
        stdout,
        stderr: String::new(),
    }
}
