//! A program gives the same report and leaves the same cell, whether a daemon runs it or this process.

use bioxen_core::{BiologicalVm, ProcessCode};
use bioxen_hypervisor::Hypervisor;

use super::serving::{agent, with_daemon};
use super::*;

/// Lines of which programs are made; each stands by itself.
const LINES: [&str; 16] = [
    "advance(1)",
    "advance(2.5)",
    "print(time(), generation())",
    "print('α\\tβ')",
    "counts(['ATP', 'dnaA'])",
    "concentrations(['ATP'])",
    "get_biological_status()",
    "record(1, ['ATP'], 3)",
    "budget()",
    "knock_down('dnaA', 0.5)",
    "start_transcription(['dnaA'])",
    "manage_operons(['lacZYA'], 'activate')",
    "set_medium('glucose')",
    "len(essential_genes())",
    "[gene for gene in genes()][:3]",
    "fail('on purpose')",
];

/// The n-th program: up to six lines, drawn by a multiplication that reaches all of them.
fn program(n: u64) -> String {
    let mut draw = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        draw
    };
    let lines = 1 + next() % 6;
    (0..lines)
        .map(|_| LINES[usize::try_from(next() % 16).expect("below 16")])
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn two_hundred_programs_give_the_same_bytes_through_a_daemon() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = Hypervisor::new(options(folder.path()).host, clock()).expect("valid settings");
    with_daemon(folder.path(), |place| {
        let agent = agent(place);
        let mut failures = 0;
        for organism in Organism::ALL {
            let name = organism.to_string();
            let spec = spec(&name, organism);
            let mut here = host.create(&spec).expect("a new name");
            let (mut there, _) = agent.create(&spec, &[]).expect("a new name");
            here.start().expect("it was just created");
            there.start().expect("it was just created");
            for n in 0..67 {
                let source = program(n);
                let code = ProcessCode::new("program.star", &source).expect("a program");
                let limits = ProcessLimits::default();
                let cancel = bioxen_core::CancelToken::new();
                let expected = here.execute_within(&code, &limits, &cancel);
                let expected = expected.expect("it is run");
                let report = there.execute_biological_process(&code).expect("it is run");
                assert_eq!(report, expected, "{organism}:\n{source}");
                failures += u32::from(!report.success);
            }
            let (here, there) = (here.save(), there.save());
            let here = here.expect("it is there");
            assert_eq!(there.expect("it is there"), here, "{organism}");
        }
        assert!((20..181).contains(&failures), "{failures} of 201 failed");
    });
}
