use std::error::Error as _;

use super::VmError;
use crate::{
    AtpPercent, GeneId, IllegalTransition, ImageError, Operation, Organism, RibosomeCount, VmEvent,
    VmId, VmState,
};

fn id() -> VmId {
    VmId::new("cell-1").expect("a plain name")
}

/// The message, its cause and the advice, as lines of text.
fn explained(error: &VmError) -> String {
    let mut text = error.to_string();
    if let Some(source) = error.source() {
        text.push_str(&format!("\n  because: {source}"));
    }
    if let Some(hint) = error.hint() {
        text.push_str(&format!("\n  hint: {hint}"));
    }
    text
}

#[track_caller]
fn check(error: impl Into<VmError>, expect: &str) {
    let error = error.into();
    assert_eq!(explained(&error), expect);
    let message = error.to_string();
    assert!(
        !message.ends_with('.') && !message.contains('\n'),
        "{message:?}"
    );
}

#[test]
fn errors_about_state_say_what_to_do_first() {
    check(
        IllegalTransition {
            from: VmState::Created,
            event: VmEvent::Pause,
        },
        "a VM that was never started cannot pause\n  hint: it can start or destroy",
    );
    let not_running = |state| VmError::NotRunning {
        id: id(),
        state,
        operation: "run a process",
    };
    check(
        not_running(VmState::Paused),
        "cannot run a process on VM \"cell-1\", which is in state paused\n  hint: resume it first",
    );
    check(
        not_running(VmState::Stopped),
        "cannot run a process on VM \"cell-1\", which is in state stopped\n  hint: start it first",
    );
}

#[test]
fn errors_about_names_say_where_to_look() {
    check(
        VmError::NotFound { id: id() },
        "no VM is named \"cell-1\"\n  hint: list the VMs to see their names",
    );
    check(
        VmError::AlreadyExists { id: id() },
        "a VM named \"cell-1\" exists already\n  hint: choose another name, or destroy that VM first",
    );
    check(
        VmError::UnknownGene {
            name: "dnaZ".to_owned(),
            nearest: vec!["dnaA".to_owned(), "dnaN".to_owned()],
        },
        "the cell has no gene named \"dnaZ\"\n  hint: did you mean dnaA or dnaN?",
    );
    check(
        VmError::UnknownGene {
            name: "x".to_owned(),
            nearest: Vec::new(),
        },
        "the cell has no gene named \"x\"\n  hint: use a gene name or a locus tag of its genome",
    );
    check(
        VmError::NotExpressed {
            gene: GeneId::new("JCVISYN3A_0004").expect("a plain name"),
            reason: "it is a pseudogene".to_owned(),
        },
        "gene \"JCVISYN3A_0004\" is not expressed: it is a pseudogene\n  hint: choose a gene that makes a product",
    );
}

#[test]
fn errors_about_quotas_say_how_much_is_free() {
    check(
        VmError::AtpExceeded {
            asked: AtpPercent::FULL,
            free: AtpPercent::new(37.5).expect("within 100%"),
        },
        "100% of ATP was asked for and 37.5% is free\n  hint: ask for 37.5% or less, or lower the share of another VM",
    );
    check(
        VmError::RibosomesExceeded {
            asked: RibosomeCount::new(30),
            free: RibosomeCount::new(8),
            capacity: RibosomeCount::new(68),
        },
        "30 ribosome units were asked for and 8 of 68 are free\n  hint: ask for 8 or fewer, or lower the units of another VM",
    );
    check(
        VmError::AtpAboveLimit {
            asked: AtpPercent::FULL,
            limit: AtpPercent::new(70.0).expect("within 100%"),
        },
        "100% of ATP was asked for and a VM may hold 70%\n  hint: ask for 70% or less, or raise resource_limits.max_atp",
    );
    check(
        VmError::RibosomesAboveLimit {
            asked: RibosomeCount::new(15),
            limit: RibosomeCount::new(10),
        },
        "15 ribosome units were asked for and a VM may hold 10\n  hint: ask for 10 or fewer, or raise resource_limits.max_ribosomes",
    );
}

#[test]
fn what_an_organism_lacks_is_answered_with_what_it_has() {
    let unsupported = |organism, operation| VmError::Unsupported {
        organism,
        operation,
    };
    check(
        unsupported(Organism::Ecoli, Operation::StartTranscription),
        "cells of ecoli cannot start transcription\n  hint: its genes are switched by operon: use manage_operons",
    );
    check(
        unsupported(Organism::Syn3a, Operation::ManageOperons),
        "cells of syn3a cannot manage operons\n  hint: its genes are switched one by one: use start_transcription",
    );
    check(
        unsupported(Organism::Syn3a, Operation::PlasmidCount),
        "cells of syn3a cannot count plasmids\n  hint: only offered by ecoli",
    );
    check(
        unsupported(Organism::Ecoli, Operation::InstallPackage),
        "cells of ecoli cannot install packages\n  hint: this kind of VM does not offer it",
    );
}

#[test]
fn causes_are_sources_and_not_part_of_the_message() {
    check(
        ImageError::NewerVersion {
            found: 3,
            supported: 1,
        },
        "the saved state cannot be used\n  because: image has format 3, newer than 1\n  hint: use the version of BioXen that wrote it, or a newer one",
    );
    check(
        ImageError::Corrupt {
            expected: 0xab,
            found: 0x1234_5678,
        },
        "the saved state cannot be used\n  because: image is corrupt: checksum 12345678 where 000000ab is recorded\n  hint: the file was cut or changed after it was written; take another copy",
    );
    check(
        VmError::Backend {
            context: "the guest did not answer",
            source: "pipe closed".into(),
        },
        "the guest did not answer\n  because: pipe closed",
    );
    check(VmError::Cancelled, "the operation was cancelled");
}

#[test]
fn a_panic_of_many_lines_is_still_one_line() {
    check(
        VmError::WorkerPanicked {
            id: id(),
            message: "left != right\n  left: 1".to_owned(),
        },
        "the simulation of VM \"cell-1\" panicked: left != right\n  hint: please report this with the seed and the commands that led to it",
    );
}

#[test]
fn errors_travel_between_threads() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<VmError>();
}
