//! `bioxen top` where nobody watches.

use super::lab::Lab;

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
