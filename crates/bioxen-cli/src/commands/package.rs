//! `bioxen package`: what packages there are, what is in them, and whether one is in order.

use std::path::PathBuf;
use std::process::ExitCode;

use bioxen::explain;
use bioxen::package::{LibraryError, Package, PackageLibrary};

use crate::args::{PackageArgs, PackageForm, PackageVerb};
use crate::failure::{Failure, say};
use crate::output::package as output;
use crate::output::sink::{Extent, Sink};

/// Does what was asked about packages.
pub(crate) fn package(args: &PackageArgs) -> Result<ExitCode, Failure> {
    let mut sink = Sink::open(None)?;
    let mut code = ExitCode::SUCCESS;
    let written = match &args.verb {
        PackageVerb::List(args) => {
            let (listed, refused) = library().list();
            for error in &refused {
                say(&format!("warning: {}", explain(error)));
            }
            match args.output {
                PackageForm::Table => output::write_list(&listed, &mut sink),
                PackageForm::Json => output::write_list_json(&listed, &mut sink),
            }
        }
        PackageVerb::Info(args) => {
            let found = library().find(&args.name)?;
            match args.output {
                PackageForm::Table => output::write_info(&found, &mut sink),
                PackageForm::Json => output::write_info_json(&found, &mut sink),
            }
        }
        PackageVerb::Check(args) => {
            let (package, problems) = match PackageLibrary::read(&args.path) {
                Ok(package) => (Some(package), None),
                Err(LibraryError::Manifest { path, source }) => (None, Some((path, source))),
                Err(other) => return Err(other.into()),
            };
            if problems.is_some() {
                code = ExitCode::FAILURE;
            }
            let problems = problems.as_ref().map(|(path, all)| (path.as_path(), all));
            match args.output {
                PackageForm::Table => output::write_check(package.as_ref(), problems, &mut sink),
                PackageForm::Json => {
                    output::write_check_json(package.as_ref(), problems, &mut sink)
                }
            }
        }
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(code)
}

/// The package that a person means by a name, searched in `more` folders first, or by the path of its folder.
pub(super) fn wanted(text: &str, more: &[PathBuf]) -> Result<Package, LibraryError> {
    if text.contains(std::path::MAIN_SEPARATOR) {
        return PackageLibrary::read(std::path::Path::new(text));
    }
    let mut all = more.to_vec();
    all.extend(folders());
    let library = PackageLibrary::new(None, &all);
    library.find(text).map(|found| found.package)
}

/// The built-in packages and those of the folders of `BIOXEN_PACKAGE_PATH`.
pub(super) fn library() -> PackageLibrary {
    PackageLibrary::new(None, &folders())
}

/// The folders of `BIOXEN_PACKAGE_PATH`.
pub(super) fn folders() -> Vec<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the command reads the environment for the libraries"
    )]
    let path = std::env::var_os("BIOXEN_PACKAGE_PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect()
}
