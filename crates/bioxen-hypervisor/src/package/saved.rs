//! Packages of functions in the image of a VM, which needs no folder of theirs.

use std::io;
use std::sync::Arc;

use bioxen_core::ImageError;

use super::contents::{Package, PackageKind};
use super::{MANIFEST, MAX_FILE_BYTES, Packages};
use crate::image::SavedPackages;

impl SavedPackages {
    pub(crate) fn of(packages: &Packages) -> Self {
        let files = |package: &Arc<Package>| {
            let files = package.files.iter();
            files
                .map(|file| (file.name.clone(), file.text.clone()))
                .collect()
        };
        Self(packages.values().map(files).collect())
    }

    /// The packages, read as those of a folder are.
    pub(crate) fn unpack(&self) -> Result<Packages, ImageError> {
        let mut packages = Packages::new();
        for files in &self.0 {
            let package = read(files)?;
            packages.insert(package.name.clone(), Arc::new(package));
        }
        Ok(packages)
    }
}

fn read(files: &[(String, String)]) -> Result<Package, ImageError> {
    let decode = |source| ImageError::Decode { source };
    let mut text = |name: &str| {
        let file = files.iter().find(|(known, _)| known == name);
        let (_, text) = file.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if u64::try_from(text.len()).is_ok_and(|bytes| bytes > MAX_FILE_BYTES) {
            return Err(io::Error::other("it is too long"));
        }
        Ok(text.clone())
    };
    let manifest = text(MANIFEST).map_err(|error| decode(error.into()))?;
    let package = Package::read(&manifest, &mut text).map_err(|errors| decode(errors.into()))?;
    if package.kind() == PackageKind::Analysis {
        Ok(package)
    } else {
        let what = format!(
            "package {} has genes, which belong to the cell",
            package.name
        );
        Err(decode(what.into()))
    }
}
