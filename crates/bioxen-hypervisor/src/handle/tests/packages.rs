//! Packages in VMs.

use bioxen_core::{BiologicalVm, Organism, Pacing, PackageName, Seed, SimSpan, VmError, VmSpec};

use super::{hypervisor, id};
use crate::{BasicBiologicalVm, Cell, Hypervisor, InstallError};

pub(super) fn made(host: &Hypervisor, name: &str, organism: Organism) -> BasicBiologicalVm {
    let spec = VmSpec::builder(id(name), organism, Seed::new(7)).pacing(Pacing::Manual);
    host.create(&spec.build().expect("no rule is broken"))
        .expect("there is room")
}

fn package(name: &str) -> PackageName {
    PackageName::new(name).expect("a plain name")
}

#[test]
fn a_package_is_installed_by_name_once_and_taken_away() {
    let host = hypervisor(1);
    let mut vm = made(&host, "carrier", Organism::Ecoli);
    vm.start().expect("created");
    let report = vm
        .install_biological_package(&package("repressilator"))
        .expect("it fits");
    assert!(report.success, "{report:?}");
    assert!(vm.plasmid_count().expect("of E. coli") > 0);
    vm.advance(SimSpan::from_micros(2_000_000))
        .expect("running");
    let before = vm.fingerprint().expect("it is there");
    let again = vm
        .install_biological_package(&package("repressilator"))
        .expect("the same version");
    assert!(again.stdout.ends_with("is there already"), "{again:?}");
    assert_eq!(vm.fingerprint().expect("it is there"), before);
    // The image knows the construct, so a VM goes back to it from a cell without.
    let image = vm.save().expect("it is there");
    vm.uninstall("repressilator").expect("nothing needs it");
    assert_eq!(vm.plasmid_count().expect("of E. coli"), 0);
    vm.restore(&image).expect("its own image");
    assert_eq!(vm.fingerprint().expect("it is there"), before);
    assert_eq!(
        vm.inspect(|cell| cell.constructs().len())
            .expect("it is there"),
        1
    );
}

#[test]
fn what_cannot_be_installed_is_refused_and_leaves_the_cell_as_it_was() {
    let host = hypervisor(1);
    let mut vm = made(&host, "bare", Organism::Ecoli);
    let before = vm.fingerprint().expect("it is there");
    let refused = |error: VmError| match error {
        VmError::Backend { source, .. } => source,
        other => panic!("{other}"),
    };
    let error = vm
        .install_biological_package(&package("repressilater"))
        .expect_err("a typo");
    assert!(refused(error).to_string().contains("repressilater"));
    let error = vm
        .install_biological_package(&package("growth"))
        .expect_err("it has no genes");
    let source = refused(error);
    assert!(
        matches!(source.downcast_ref(), Some(InstallError::NoGenes { .. })),
        "{source}"
    );
    assert_eq!(vm.inspect(Cell::fingerprint).expect("it is there"), before);
    let mut other = made(&host, "other", Organism::Syn3a);
    assert!(
        other
            .install_biological_package(&package("repressilator"))
            .is_err()
    );
}
