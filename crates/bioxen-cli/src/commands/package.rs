//! `bioxen package`: what packages there are, what is in them, whether one is in order, and which are installed.

mod store;

use std::io::Write;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::process::ExitCode;

use bioxen::explain;
use bioxen::package::{BUNDLE_ENDING, BundleError, LibraryError, Package, PackageLibrary};

use self::store::Store;
use super::state::{state_folder, variable};
use crate::args::{PackageArgs, PackageForm, PackagePackArgs, PackageVerb};
use crate::failure::{Failure, say};
use crate::output::package as output;
use crate::output::sink::{Extent, Sink};

/// Does what was asked about packages.
pub(crate) fn package(args: &PackageArgs) -> Result<ExitCode, Failure> {
    let state = args.state.as_deref();
    let mut sink = Sink::open(None)?;
    let mut code = ExitCode::SUCCESS;
    let written = match &args.verb {
        PackageVerb::List(args) => {
            let (listed, refused) = library(state, &[]).list();
            for error in &refused {
                say(&format!("warning: {}", explain(error)));
            }
            match args.output {
                PackageForm::Table => output::write_list(&listed, &mut sink),
                PackageForm::Json => output::write_list_json(&listed, &mut sink),
            }
        }
        PackageVerb::Info(args) => {
            let found = library(state, &[]).find(&args.name)?;
            match args.output {
                PackageForm::Table => output::write_info(&found, &mut sink),
                PackageForm::Json => output::write_info_json(&found, &mut sink),
            }
        }
        PackageVerb::Check(args) => {
            let (package, problems) = match PackageLibrary::read(&args.path) {
                Ok(package) => (Some(package), None),
                Err(LibraryError::Manifest { path, source }) => (None, Some((path, source))),
                Err(LibraryError::Bundle {
                    path,
                    source: BundleError::Manifest { source },
                }) => (None, Some((path, source))),
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
        PackageVerb::Pack(args) => writeln!(sink, "{}", pack(args)?),
        PackageVerb::Install(args) => {
            let package = PackageLibrary::read(&args.path)?;
            writeln!(
                sink,
                "{}",
                Store::of(state)?.install(&package, args.dry_run)?
            )
        }
        PackageVerb::Remove(args) => writeln!(sink, "{}", Store::of(state)?.remove(args)?),
    };
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(code)
}

/// Writes a bundle, which appears when it is complete, and says what it did.
fn pack(args: &PackagePackArgs) -> Result<String, Failure> {
    let package = PackageLibrary::read(&args.folder)?;
    let bundle = packed(&package)?;
    let path = match &args.output {
        Some(path) => path.clone(),
        None => PathBuf::from(package.bundle_name()),
    };
    let mut sink = Sink::open(Some(&path))?;
    let written = sink.write_all(&bundle);
    written.map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    let (name, version) = (&package.name, &package.version);
    Ok(format!(
        "packed {name} {version} as {}, {} bytes",
        path.display(),
        bundle.len()
    ))
}

fn packed(package: &Package) -> Result<Vec<u8>, Failure> {
    package.to_bundle().map_err(|source| Failure::Pack {
        name: package.name.to_string(),
        source,
    })
}

/// The package that a person means by a name, or by the path of its folder or bundle.
pub(super) fn wanted(text: &str, library: &PackageLibrary) -> Result<Package, LibraryError> {
    if text.contains(MAIN_SEPARATOR) || text.ends_with(BUNDLE_ENDING) {
        return PackageLibrary::read(Path::new(text));
    }
    library.find(text).map(|found| found.package)
}

/// The built-in packages, those of the state folder, those of `more` folders, and those of `BIOXEN_PACKAGE_PATH`.
pub(super) fn library(state: Option<&Path>, more: &[PathBuf]) -> PackageLibrary {
    let all: Vec<PathBuf> = more.iter().cloned().chain(folders()).collect();
    PackageLibrary::new(state_folder(state).as_deref(), &all)
}

/// The folders of `BIOXEN_PACKAGE_PATH`.
pub(super) fn folders() -> Vec<PathBuf> {
    let path = variable("BIOXEN_PACKAGE_PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect()
}
