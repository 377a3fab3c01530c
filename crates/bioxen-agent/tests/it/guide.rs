//! Every command of the guide works as it stands there.

use std::process::Command;

use crate::machine::{Ended, Machine};

const GUIDE: &str = include_str!("../../../../docs/guides/guest-agent.md");

#[test]
fn every_command_of_the_guide_works() {
    let machine = Machine::new();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_bioxen_hypervisor"));
    let folder = program.parent().expect("a program is in a folder");
    let blocks = GUIDE.split("```console\n").skip(1);
    let commands: Vec<&str> = blocks
        .filter_map(|block| block.split("```").next())
        .flat_map(str::lines)
        .filter_map(|line| line.strip_prefix("$ "))
        .collect();
    assert_eq!(commands.len(), 13);
    for line in commands {
        let mut shell = Command::new("sh");
        shell
            .args(["-ec", &format!("PATH=\"$HERE:$PATH\"; {line}")])
            .env("HERE", folder)
            .env("BIOXEN_STATE", machine.place().state())
            .current_dir(machine.folder());
        let ended = Ended::of(shell);
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
    }
    assert_eq!(machine.json("list")["vms"], serde_json::json!([]));
}
