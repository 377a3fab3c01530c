//! Packages in VMs.

use bioxen_core::{
    BiologicalVm, Organism, Pacing, PackageName, ProcessCode, Seed, SimSpan, VmError, VmSpec,
};

use super::{hypervisor, id};
use crate::package::PackageLibrary;
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
    let report = vm
        .remove_biological_package(&package("repressilator"))
        .expect("nothing needs it");
    assert_eq!(report.stdout, "removed repressilator 1.0.0");
    assert_eq!(vm.plasmid_count().expect("of E. coli"), 0);
    assert!(listed(&vm).is_empty());
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
    assert_eq!(vm.inspect(Cell::fingerprint).expect("it is there"), before);
    let mut other = made(&host, "other", Organism::Syn3a);
    assert!(
        other
            .install_biological_package(&package("repressilator"))
            .is_err()
    );
}

/// Names, versions and places of what a VM has.
fn listed(vm: &BasicBiologicalVm) -> Vec<String> {
    let all = vm.installed_packages().expect("it is there");
    let each = all.iter();
    each.map(|one| format!("{} {} {}", one.name, one.version, one.place))
        .collect()
}

#[track_caller]
fn source_of(error: VmError) -> InstallError {
    match error {
        VmError::Backend { source, .. } => match source.downcast::<InstallError>() {
            Ok(refused) => *refused,
            Err(other) => panic!("{other}"),
        },
        other => panic!("{other}"),
    }
}

const DOUBLING: &str = "load('growth', 'doubling_time')\ndoubling_time() > 0";

#[track_caller]
fn runs(vm: &mut BasicBiologicalVm, expect: bool) {
    let code = ProcessCode::new("p.star", DOUBLING).expect("a program");
    let report = vm.execute_biological_process(&code).expect("it runs");
    assert_eq!(report.success, expect, "{}", report.stderr);
}

#[test]
fn functions_are_installed_on_every_organism_and_change_no_cell() {
    let host = hypervisor(1);
    for organism in Organism::ALL {
        let mut with = made(&host, &format!("with-{organism}"), organism);
        let before = with.fingerprint().expect("it is there");
        for _ in 0..2 {
            with.install_biological_package(&package("growth"))
                .expect("any cell has it");
        }
        assert_eq!(listed(&with), ["growth 1.0.0 programs"]);
        assert_eq!(with.fingerprint().expect("it is there"), before);
        with.start().expect("created");
        with.advance(SimSpan::from_micros(2_000_000))
            .expect("running");
        runs(&mut with, true);
    }
}

#[test]
fn an_image_has_the_functions_and_a_vm_goes_back_to_them() {
    let host = hypervisor(1);
    let mut vm = made(&host, "first", Organism::Syn3a);
    vm.start().expect("created");
    let bare = vm.save().expect("it is there");
    vm.install_biological_package(&package("growth"))
        .expect("any cell has it");
    let image = vm.save().expect("it is there");
    vm.restore(&bare).expect("its own image");
    assert!(listed(&vm).is_empty());
    runs(&mut vm, false);
    vm.restore(&image).expect("its own image");
    assert_eq!(listed(&vm), ["growth 1.0.0 programs"]);
    runs(&mut vm, true);
    let spec = VmSpec::builder(id("second"), Organism::Syn3a, Seed::new(8)).pacing(Pacing::Manual);
    let spec = spec.build().expect("no rule is broken");
    let mut fork = host.fork(&image, &spec).expect("a new name and seed");
    fork.start().expect("created");
    runs(&mut fork, true);
    fork.remove_biological_package(&package("growth"))
        .expect("it is there");
    assert!(listed(&fork).is_empty());
    runs(&mut fork, false);
    runs(&mut vm, true);
}

#[test]
fn two_versions_of_functions_are_an_error_that_names_both() {
    let host = hypervisor(1);
    let vm = made(&host, "versions", Organism::Syn3a);
    let mut growth = PackageLibrary::built_in()
        .find("growth")
        .expect("it is built in")
        .package;
    vm.install_package(&growth).expect("any cell has it");
    growth.version = "1.1.0".to_owned();
    let refused = source_of(vm.install_package(&growth).expect_err("1.0.0 is there"));
    assert_eq!(
        (refused.to_string().as_str(), refused.hint().as_str()),
        (
            "version 1.0.0 of package \"growth\" is there, and 1.1.0 was asked for",
            "remove growth first"
        )
    );
    vm.remove_package(&package("growth")).expect("it is there");
    vm.install_package(&growth).expect("1.0.0 is gone");
    assert_eq!(listed(&vm), ["growth 1.1.0 programs"]);
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    let host = hypervisor(1);
    let mut vm = made(&host, "none", Organism::Ecoli);
    let mut check = |name: &str, hint: &str| {
        let error = vm.remove_biological_package(&package(name));
        let refused = source_of(error.expect_err("it is not there"));
        assert_eq!(
            (refused.to_string(), refused.hint().as_str()),
            (
                format!("package \"{name}\" is not installed in this VM"),
                hint
            )
        );
        vm.install_biological_package(&package("puc19"))
            .expect("it fits");
        vm.install_biological_package(&package("growth"))
            .expect("any cell has it");
    };
    check("growth", "it has no packages");
    check("growht", "did you mean growth?");
    check("repressilator", "it has puc19, growth");
    assert_eq!(
        listed(&vm),
        ["puc19 1.0.0 plasmid", "growth 1.0.0 programs"]
    );
}
