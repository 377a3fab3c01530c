//! Manifests that are in order, and what is said about those that are not.

mod bad;
mod bundles;
mod schema;

use std::fs;
use std::io;

use bioxen_core::Organism;

use super::{LibraryError, Origin, Package, PackageKind, PackageLibrary};
use crate::cell::{Carrier, CellModel};

/// A plasmid with one unit, one regulator and one gene of each sort.
const PLASMID: &str = include_str!("tests/plasmid.yaml");
const CIRCUIT: &str = include_str!("tests/circuit.yaml");
const ANALYSIS: &str = include_str!("tests/analysis.yaml");
const STAR: &str = "def doubling_time():\n    return 1\n";

fn read(manifest: &str) -> Result<Package, super::ManifestErrors> {
    Package::read(manifest, &mut |name| match name {
        "growth.star" => Ok(STAR.to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    })
}

#[test]
fn built_in_packages_are_in_order_and_carry_their_names() {
    let (listed, refused) = PackageLibrary::built_in().list();
    assert!(refused.is_empty());
    assert_eq!(listed.len(), 9);
    for one in &listed {
        assert_eq!(one.origin, Origin::BuiltIn);
        let name = one.package.name.as_str();
        assert_eq!(&PackageLibrary::built_in().find(name).unwrap(), one);
        assert!(!one.package.sources.is_empty());
        assert_eq!(one.package.files[0].sha256.len(), 64);
    }
}

#[test]
fn built_in_constructs_fit_their_host() {
    let (listed, _) = PackageLibrary::built_in().list();
    for organism in Organism::ALL {
        let model = std::sync::Arc::new(CellModel::of(organism));
        for one in &listed {
            let constructs = one.package.constructs();
            let analysis = one.package.kind() == PackageKind::Analysis;
            assert_eq!(constructs.is_empty(), analysis);
            if !one.package.hosts.contains(&organism) {
                continue;
            }
            if let Err(error) = model.with_constructs(&constructs) {
                panic!("{} in {organism}: {error}", one.package.name);
            }
        }
    }
}

#[test]
fn parts_become_a_construct_in_seconds() {
    let package = read(PLASMID).unwrap();
    let construct = &package.constructs()[0];
    assert!(matches!(
        construct.carrier,
        Carrier::Plasmid {
            length_bp: 3000,
            ..
        }
    ));
    let unit = &construct.units[0];
    assert_eq!(unit.message_half_life_s, Some(120.0));
    assert_eq!(unit.genes[0].half_life_s, Some(600.0));
    assert_eq!(unit.genes[0].maturation_s, None);
    assert_eq!(unit.controls[0].inducer.as_deref(), Some("IPTG"));
    assert!(matches!(
        read(CIRCUIT).unwrap().constructs()[0].carrier,
        Carrier::Chromosome { position_bp: 1000 }
    ));
    let analysis = read(ANALYSIS).unwrap();
    assert_eq!(analysis.functions()[0].name, "doubling_time");
    assert_eq!(analysis.file("growth.star"), Some(STAR));
}

#[test]
fn aliases_and_bombs_are_refused() {
    let long = "x".repeat(100_000);
    let aliases = "  - *a\n".repeat(1000);
    let bomb = format!("name: &a {long}\nsources:\n{aliases}");
    let refused = read(&bomb).unwrap_err().to_string();
    assert!(refused.contains("aliases (*) are not allowed"), "{refused}");
    assert!(read(&"[".repeat(100_000)).is_err());
    let size = read(&"#".repeat(1 << 21)).unwrap_err();
    assert!(size.to_string().contains("allowed are 1048576"), "{size}");
}

#[test]
fn folders_are_searched_in_order_and_said_when_nothing_is_found() {
    let root = std::env::temp_dir().join(format!("bioxen-packages-{}", std::process::id()));
    let put = |folder: &str, text: &str| {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("package.yaml"), text).unwrap();
    };
    put("state/packages/demo", PLASMID);
    put("more/demo", PLASMID);
    put("more/other", PLASMID);
    put("more/broken", "kind: plasmid");
    let more = root.join("more");
    let library = PackageLibrary::new(Some(&root.join("state")), &[more.clone(), root.join("no")]);
    let found = library.find("demo").unwrap();
    assert_eq!(
        found.origin,
        Origin::Folder(root.join("state/packages/demo"))
    );
    let (listed, refused) = library.list();
    let built_in = PackageLibrary::built_in().list().0.len();
    assert_eq!(listed.len(), built_in + 2);
    assert_eq!(listed[built_in + 1].hidden_by, Some(found.origin));
    assert!(matches!(refused[0], LibraryError::Manifest { .. }));
    assert!(matches!(&refused[1], LibraryError::Misnamed { found, .. } if found == "demo"));
    let error = library.find("demi").unwrap_err();
    assert!(
        error.to_string().contains(&more.display().to_string()),
        "{error}"
    );
    assert_eq!(error.hint().as_deref(), Some("did you mean demo?"));
    let error = library.find("../more/demo").unwrap_err();
    assert!(matches!(error, LibraryError::Unknown { .. }));
    fs::remove_dir_all(&root).unwrap();
}
