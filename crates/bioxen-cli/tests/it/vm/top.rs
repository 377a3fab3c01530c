//! `bioxen top` where nobody watches.

use super::{lab::Lab, pool};

#[test]
fn one_table_needs_no_terminal() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing 60x --start");
    lab.done("vm create poor ecoli --seed 8 --pacing manual --start");
    let table = lab.done("top --once --interval 50ms");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(rows[1][..3], ["cell-1", "syn3a", "running"]);
    assert_eq!(rows[2][..3], ["poor", "ecoli", "running"]);
    assert_eq!(rows[2][5], "exponential", "{table}");
    assert_eq!(rows[3], ["2", "VMs,", "2", "running"]);
    let look = lab.json("top --once --interval 50ms -o json");
    assert_eq!(look["vms"][1]["growth_phase"], "exponential");
    assert_eq!(look["vms"][1]["simulated_s_per_s"], 0.0);
    assert!(look["vms"][0]["simulated_s_per_s"].as_f64().is_some());
}

#[test]
fn a_live_view_without_a_terminal_is_refused() {
    let lab = Lab::new();
    let (code, said) = lab.refused("top");
    assert_eq!(
        (code, said.as_str()),
        (
            2,
            "error: a live view needs a terminal\n  hint: use --once for one table, or -o json\n"
        )
    );
    assert!(lab.daemon().is_none());
}

#[test]
fn a_cell_that_a_program_has_does_not_hold_the_view_up() {
    let lab = Lab::new();
    lab.done("vm create poor ecoli --seed 8 --pacing manual --start");
    let child = lab.begin("poor", "advance(100000 * 3600)");
    let look = lab.json("top --once --interval 50ms -o json");
    assert_eq!(look["vms"][0]["growth_phase"], serde_json::Value::Null);
    lab.done("vm kill poor");
    super::lab::ended(child);
}

#[test]
fn the_vms_of_a_pool_are_watched_too() {
    let lab = pool::Lab::new(|_| {});
    let create = |name, organism| {
        let words = ["vm", "create", name, organism, "--seed", "7"];
        let end = ["--pacing", "manual", "--config", "lab.yaml"];
        let made = lab.run(&[&words[..], &end].concat());
        assert!(made.status.success(), "{}", crate::text(&made.stderr));
    };
    create("cell-1", "syn3a");
    create("poor", "ecoli");
    let words = ["vm", "start", "poor", "--config", "lab.yaml"];
    assert!(lab.run(&words).status.success());
    let words = [
        "top",
        "--once",
        "--interval",
        "50ms",
        "--config",
        "lab.yaml",
    ];
    let seen = lab.run(&words);
    let table = crate::text(&seen.stdout);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(rows[1][..3], ["cell-1", "syn3a", "created"], "{table}");
    assert_eq!(rows[2][..3], ["poor", "ecoli", "running"], "{table}");
    lab.testbed.server().pool(|pool| {
        let running = pool
            .vms()
            .into_iter()
            .find(|vm| vm.power_state == "Running");
        assert!(pool.power_off_guest(&running.expect("one runs").uuid));
    });
    // A guest that is off does not hold the view of the others up.
    let table = crate::text(&lab.run(&words).stdout);
    assert!(table.contains("error"), "{table}");
}
