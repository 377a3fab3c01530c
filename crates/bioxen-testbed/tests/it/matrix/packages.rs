//! Packages: genes for the cell, functions for its programs.

use bioxen_core::{
    BiologicalVm, InstalledPackage, Organism, PackageName, PackagePlace, ProcessCode, VmError,
};

use super::recorded::words;

pub(super) fn check(vm: &mut dyn BiologicalVm) {
    let (genes, place) = match vm.organism() {
        Organism::Ecoli => ("puc19", PackagePlace::Plasmid),
        Organism::Syn3a | Organism::MinimalCell => {
            ("toggle_switch_integrated", PackagePlace::Chromosome)
        }
    };
    let wrong = match vm.organism() {
        Organism::Ecoli => "toggle_switch_integrated",
        Organism::Syn3a | Organism::MinimalCell => "puc19",
    };
    let before = vm.save().expect("it answers");
    assert_eq!(names(vm), Vec::<(String, PackagePlace)>::new());
    for package in ["growth", genes] {
        let report = vm.install_biological_package(&name(package)).expect("fits");
        assert!(report.success, "{}", report.stderr);
        assert_eq!(report.stdout, format!("installed {package} 1.0.0"));
        assert_eq!(report.package, name(package));
        let again = vm.install_biological_package(&name(package)).expect("fits");
        assert_eq!(again.stdout, format!("{package} 1.0.0 is there already"));
    }
    let both = [
        (genes.to_owned(), place),
        ("growth".to_owned(), PackagePlace::Programs),
    ];
    assert_eq!(names(vm), both);
    if vm.organism() == Organism::Ecoli {
        assert!(vm.plasmid_count().expect("it answers") > 0);
    }
    let source = "load('growth', 'doubling_time')\nadvance(1)\ntype(doubling_time)";
    let code = ProcessCode::new("with.star", source).expect("short");
    let report = vm.execute_biological_process(&code).expect("it is run");
    assert!(report.success, "{}", report.stderr);

    // What cannot be is refused, and nothing is changed.
    let there = vm.save().expect("it answers");
    for (refused, expect) in [
        (
            vm.install_biological_package(&name(wrong)),
            format!("package \"{wrong}\" is made for"),
        ),
        (
            vm.install_biological_package(&name("grwoth")),
            "\"grwoth\"".to_owned(),
        ),
        (
            vm.remove_biological_package(&name("burden")),
            "package \"burden\" is not installed in this VM".to_owned(),
        ),
    ] {
        let error = refused.expect_err("it cannot be");
        assert!(matches!(error, VmError::Backend { .. }), "{error:?}");
        assert!(words(&error).contains(&expect), "{}", words(&error));
    }
    assert_eq!(vm.save().expect("it answers"), there);

    for package in [genes, "growth"] {
        let report = vm.remove_biological_package(&name(package)).expect("there");
        assert_eq!(report.stdout, format!("removed {package} 1.0.0"));
    }
    assert_eq!(names(vm), []);
    vm.restore(&before).expect("its own");
}

fn names(vm: &dyn BiologicalVm) -> Vec<(String, PackagePlace)> {
    let installed = vm.installed_packages().expect("it answers");
    let named = |InstalledPackage { name, place, .. }| (name, place);
    installed.into_iter().map(named).collect()
}

fn name(name: &str) -> PackageName {
    PackageName::new(name).expect("a name")
}
