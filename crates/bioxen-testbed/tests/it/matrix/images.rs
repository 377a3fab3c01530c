//! Saved cells: whole, of another VM, and damaged.

use bioxen_core::{
    AtpPercent, BiologicalVm, ImageError, Organism, RibosomeCount, VmError, VmImage,
};
use bioxen_hypervisor::{Hypervisor, HypervisorConfig};

use super::kinds::spec;
use super::life::seconds;

pub(super) fn check(vm: &mut dyn BiologicalVm) {
    let saved = vm.save().expect("it answers");
    let status = vm.status().expect("it answers");
    vm.advance(seconds(3)).expect("it runs");
    let later = vm.save().expect("it answers");
    assert_ne!(saved, later);

    // It goes on bit for bit, with the quota that it had.
    vm.allocate_atp(AtpPercent::FULL).map(drop).expect("free");
    vm.allocate_ribosomes(RibosomeCount::new(1))
        .map(drop)
        .expect("free");
    vm.restore(&saved).expect("its own");
    assert_eq!(vm.status().expect("it answers"), status);
    assert_eq!(vm.save().expect("it answers"), saved);
    vm.advance(seconds(3)).expect("it runs");
    assert_eq!(vm.save().expect("it answers"), later);

    vm.pause().expect("it runs");
    vm.restore(&saved).expect("its own");
    assert_eq!(vm.save().expect("it answers"), saved);
    vm.resume().expect("it is paused");

    for (image, fits) in foreign(vm.organism()).into_iter().chain(damaged(&saved)) {
        match vm.restore(&image) {
            Err(VmError::Image(error)) => assert!(fits(&error), "{error:?}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(vm.save().expect("it answers"), saved, "it is as it was");
    }
    assert_eq!(vm.status().expect("it answers"), status);
}

/// An image, and whether an error is what is wrong with it.
type Case = (VmImage, fn(&ImageError) -> bool);

/// Images of other VMs.
fn foreign(organism: Organism) -> Vec<Case> {
    let other = match organism {
        Organism::Syn3a => Organism::Ecoli,
        Organism::Ecoli | Organism::MinimalCell => Organism::Syn3a,
    };
    let saved = |name: &str, organism| {
        let clock = std::sync::Arc::new(bioxen_core::testing::ManualClock::new());
        let host = Hypervisor::new(HypervisorConfig::default(), clock).expect("threads");
        let vm = host.create(&spec(name, organism)).expect("there is room");
        vm.save().expect("it answers")
    };
    vec![
        (saved("cell-2", organism), |error| {
            matches!(error, ImageError::IdentityMismatch { .. })
        }),
        (saved("cell-1", other), |error| {
            matches!(error, ImageError::WrongOrganism { .. })
        }),
    ]
}

/// What becomes of an image on a bad disk.
fn damaged(image: &VmImage) -> Vec<Case> {
    let whole = image.as_bytes();
    let mut flipped = whole.to_vec();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let bytes = |bytes: &[u8]| VmImage::from_bytes(bytes.to_vec());
    vec![
        (bytes(b"not a cell"), |error| {
            matches!(error, ImageError::NotAnImage)
        }),
        (bytes(&[]), |error| matches!(error, ImageError::NotAnImage)),
        (bytes(&whole[..middle]), |error| {
            matches!(error, ImageError::Truncated { .. })
        }),
        (bytes(&flipped), |error| {
            matches!(error, ImageError::Corrupt { .. })
        }),
    ]
}
