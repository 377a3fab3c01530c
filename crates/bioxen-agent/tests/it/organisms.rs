//! The commands of the first design, one after the other, for each organism.

use serde_json::Value;

use crate::machine::Machine;

/// Name of a metric, and what it must be.
type Metric = (&'static str, fn(&Value) -> bool);

/// One life, through every command.
#[track_caller]
fn check(organism: &str, package: &str, full: u32, metrics: &[Metric]) {
    let machine = Machine::new();
    let _daemon = machine.daemon(&["--workers", "1"]);
    let started = machine.json(&format!(
        "start --type {organism} --vm-id cell --seed 7 --ribosomes {full} --pacing manual"
    ));
    assert_eq!(started["created"], true);
    assert_eq!(started["state"], "running");
    assert_eq!(started["organism"], organism);
    assert_eq!(started["seed"], 7);
    assert_eq!(started["pacing"], "manual");

    let executed = machine.json("execute --vm-id cell --code [print('hi'),advance(10),time()]");
    assert_eq!(executed["stdout"], "hi\n");
    assert_eq!(executed["stderr"], "");
    assert_eq!(executed["result"][2], 10.0);
    assert_eq!(executed["ended_at_s"], 10.0);

    let installed = machine.json(&format!("install --vm-id cell --package {package}"));
    assert_eq!(installed["package"], package);
    assert!(installed["stdout"].is_string() && installed["stderr"].is_string());

    let status = machine.json("status --vm-id cell");
    assert_eq!(status["sim_time_s"], 10.0);
    assert_eq!(status["packages"][0]["name"], package);
    assert_eq!(status["quota"]["ribosomes"], full);

    let measured = machine.json("metrics --vm-id cell");
    for (name, is_right) in metrics {
        assert!(is_right(&measured[name]), "{name}: {}", measured[name]);
    }
    assert_eq!(measured["organism"], organism);
    assert_eq!(measured["sim_time_s"], 10.0);

    let allocated = machine.json("allocate --vm-id cell --atp 60.5 --ribosomes 6");
    assert_eq!(allocated["quota"]["atp_percent"], 60.5);
    assert_eq!(allocated["quota"]["ribosomes"], 6);

    let saved = machine.json("snapshot --vm-id cell --out cell.bioxen");
    assert_eq!(saved["file"], "cell.bioxen");
    assert_eq!(saved["sim_time_s"], 10.0);
    let in_file = bioxen_resources::read_image_file(&machine.file("cell.bioxen"));
    let in_file = in_file.expect("other programs of this house read it too");
    assert_eq!(in_file.label.id.as_str(), "cell");
    assert_eq!(in_file.label.organism.to_string(), organism);
    assert_eq!(in_file.label.sim_time.seconds(), 10.0);
    let before = machine.json("metrics --vm-id cell");
    let ahead = machine.json("execute --vm-id cell --code [advance(20),get_biological_status()]");
    let restored = machine.json("restore --vm-id cell --from cell.bioxen");
    assert_eq!(restored["sim_time_s"], 10.0);
    assert_eq!(machine.json("metrics --vm-id cell"), before);
    let again = machine.json("execute --vm-id cell --code [advance(20),get_biological_status()]");
    assert_eq!(ahead["result"], again["result"], "it goes on bit for bit");

    assert_eq!(machine.json("pause --vm-id cell")["state"], "paused");
    assert_eq!(machine.json("resume --vm-id cell")["state"], "running");
    assert_eq!(machine.json("stop --vm-id cell")["state"], "stopped");
    let started = machine.json(&format!("start --type {organism} --vm-id cell"));
    assert_eq!(started["created"], false);
    assert_eq!(started["sim_time_s"], 30.0, "the cell is kept");
    let listed = machine.json("list");
    assert_eq!(listed["vms"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["vms"][0]["vm_id"], "cell");
    assert_eq!(machine.json("destroy --vm-id cell")["state"], "destroyed");
    assert_eq!(machine.json("list")["vms"], serde_json::json!([]));
}

fn is_share(value: &Value) -> bool {
    value.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n))
}

#[test]
fn syn3a() {
    check(
        "syn3a",
        "growth",
        15,
        &[
            ("atp_percent", |v| {
                v.as_f64().is_some_and(|n| n > 0.0 && n <= 100.0)
            }),
            ("essential_genes_count", |v| {
                v.as_u64().is_some_and(|n| n > 0 && n <= 270)
            }),
            ("minimal_status", |v| v == "viable" || v == "stressed"),
        ],
    );
}

#[test]
fn ecoli() {
    check(
        "ecoli",
        "puc19",
        30,
        &[
            ("growth_rate", Value::is_f64),
            ("plasmids", |v| v.as_u64().is_some_and(|n| n > 0)),
            ("operons_active", |v| {
                v.as_object().is_some_and(|operons| {
                    !operons.is_empty() && operons.values().all(Value::is_boolean)
                })
            }),
        ],
    );
}

#[test]
fn minimal_cell() {
    check(
        "minimal_cell",
        "burden",
        12,
        &[
            ("basic_functions", |v| {
                v.as_array().is_some_and(|all| !all.is_empty())
            }),
            ("efficiency", is_share),
            ("resource_usage", |v| {
                v["atp_per_s"].is_object() && v["ribosomes"].is_u64()
            }),
        ],
    );
}
