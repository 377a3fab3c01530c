//! Daemons that are killed.

use super::lab::{Lab, ended};

#[test]
fn what_was_acknowledged_is_there_after_a_kill() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing manual --start");
    lab.done("vm create poor ecoli --seed 8 --pacing manual --atp 40");
    lab.exec("cell-1", "advance(120)");
    let before = lab.exec("cell-1", "counts(['dnaA', 'ATP'])").1;
    lab.done("vm allocate cell-1 --ribosomes 9");
    lab.done("vm pause cell-1");
    lab.kill_daemon();
    let (code, names, said) = lab.run("vm ls -q");
    assert_eq!((code, names.as_str()), (0, "cell-1\npoor\n"), "{said}");
    assert!(said.contains("note: started a daemon for "), "{said}");
    let all = lab.json("vm inspect cell-1");
    assert_eq!(all["vm"]["simulated_s"], 120.0);
    assert_eq!(all["vm"]["ribosome_units"], 9);
    assert_eq!(all["vm"]["state"], "paused");
    assert_eq!(lab.json("vm inspect poor")["vm"]["atp_percent"], 40.0);
    lab.done("vm resume cell-1");
    assert_eq!(lab.exec("cell-1", "counts(['dnaA', 'ATP'])").1, before);
}

#[test]
fn a_program_that_a_kill_cut_off_is_run_once_by_the_next_daemon() {
    let lab = Lab::new();
    lab.done("vm create cell-1 syn3a --seed 7 --pacing manual --start");
    let child = lab.begin("cell-1", "advance(7200); time()");
    lab.kill_daemon();
    let (code, shown, said) = ended(child);
    assert_eq!((code, shown.as_str()), (0, "7200.0\n"), "{said}");
    assert!(said.contains("was made anew"), "{said}");
    assert_eq!(lab.simulated("cell-1"), 7200.0);
}
