use bioxen_core::{
    AtpPercent, BiologicalVm, Organism, Pacing, Quota, RibosomeCount, RibosomeUnit, SimTime,
};
use proptest::prelude::*;

use super::*;
use crate::error::ResourceError;
use crate::fake::FakeVm;
use crate::manager::BioResourceManager;

fn vm(organism: Organism) -> BioResourceManager<FakeVm> {
    BioResourceManager::new(Box::new(FakeVm::new("cell-1", organism)))
}

fn snapshot() -> ResourceSnapshot {
    vm(Organism::Syn3a).snapshot(1.75e9).expect("it answers")
}

#[test]
fn the_json_has_the_names_of_the_design() {
    let json: serde_json::Value = serde_json::from_str(&snapshot().to_json()).expect("JSON");
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    let mut expect = [
        "format",
        "vm_id",
        "biological_type",
        "vm_type",
        "timestamp",
        "resource_usage",
        "available_resources",
        "configuration",
    ];
    expect.sort_unstable();
    let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, expect);
    assert_eq!(json["biological_type"], "syn3a");
    assert_eq!(json["vm_type"], "basic");
}

fn state() -> impl Strategy<Value = ResourceSnapshot> {
    let finite = prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL;
    let percent =
        || (0_u16..=10_000).prop_map(|n| AtpPercent::from_hundredths(n).expect("a percent"));
    let pacing = prop_oneof![
        Just(Pacing::Manual),
        Just(Pacing::Unpaced),
        (1e-6..1e6).prop_map(|f| Pacing::RealTime {
            factor: bioxen_core::PaceFactor::new(f).expect("above 0")
        })
    ];
    let unit = prop_oneof![Just(RibosomeUnit::Share), Just(RibosomeUnit::Physical)];
    let numbers = (prop::array::uniform5(finite), any::<u64>(), any::<u64>());
    let grants = (percent(), any::<u32>(), unit);
    let word = prop_oneof![
        Just(Organism::Syn3a),
        Just(Organism::Ecoli),
        Just(Organism::MinimalCell)
    ];
    (
        "[A-Za-z0-9_-]{1,63}",
        word,
        numbers,
        grants,
        pacing,
        "\\PC{0,20}",
    )
        .prop_map(
            |(name, organism, (f, time, seed), (atp, units, unit), pacing, cause)| {
                let mut made = vm(organism).snapshot(f[0]).expect("it answers");
                made.vm_id = VmId::new(&name).expect("allowed characters");
                made.usage.sim_time = SimTime::from_micros(time);
                made.usage.atp_percent = f[1];
                made.usage.energy_charge = f[2];
                made.usage.ribosome_utilization = f[3];
                made.usage.atp_use_per_s = vec![(cause, f[4])];
                made.usage.atp_quota = atp;
                made.configuration = Configuration {
                    quota: Quota {
                        atp,
                        ribosomes: RibosomeCount::new(units),
                        unit,
                    },
                    pacing,
                    seed: Seed::new(seed),
                };
                made
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_in_every_field(made in state()) {
        let text = made.to_json();
        prop_assert_eq!(ResourceSnapshot::from_json(&text).expect("own text"), made);
    }

    #[test]
    fn restoring_gives_the_grants_back_or_changes_nothing(
        atp in 0_u16..=10_000, units in 1_u32..60, refuses_ribosomes in 0_u32..2, refuses_atp in 0_u32..2,
        now_atp in 0_u16..=10_000, now_units in 1_u32..60,
    ) {
        let mut manager = vm(Organism::Ecoli);
        manager.vm_mut().quota.atp = AtpPercent::from_hundredths(atp).expect("a percent");
        manager.vm_mut().quota.ribosomes = RibosomeCount::new(units);
        let taken = manager.snapshot(0.0).expect("it answers");
        let vm = manager.vm_mut();
        vm.quota.atp = AtpPercent::from_hundredths(now_atp).expect("a percent");
        vm.quota.ribosomes = RibosomeCount::new(now_units);
        vm.refuses_ribosomes = refuses_ribosomes;
        vm.refuses_atp = if refuses_ribosomes == 0 { refuses_atp } else { 0 };
        let before = vm.quota;
        let restored = manager.restore(&taken);
        let after = manager.vm().quota;
        match restored {
            Ok(restored) => {
                prop_assert_eq!(after, taken.quota());
                let differ = usize::from(before.atp != after.atp) + usize::from(before.ribosomes != after.ribosomes);
                prop_assert_eq!(restored.differences.len(), differ);
            }
            Err(ResourceError::Vm { .. }) => prop_assert_eq!(after, before),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn a_snapshot_goes_back_to_its_own_vm_alone() {
    let taken = snapshot();
    let mut other = BioResourceManager::new(Box::new(FakeVm::new("cell-2", Organism::Syn3a)));
    let error = other.restore(&taken).expect_err("another name");
    let source = std::error::Error::source(&error).expect("the reason");
    assert_eq!(
        source.to_string(),
        "the snapshot is of VM cell-1, and this VM has cell-2"
    );
    let error = vm(Organism::Ecoli).restore(&taken).expect_err("E. coli");
    let source = std::error::Error::source(&error).expect("the reason");
    assert_eq!(
        source.to_string(),
        "the snapshot is of organism syn3a, and this VM has ecoli"
    );
}

#[test]
fn what_is_left_half_done_is_said() {
    let mut manager = vm(Organism::Syn3a);
    let taken = manager.snapshot(0.0).expect("it answers");
    let vm = manager.vm_mut();
    vm.allocate_atp(AtpPercent::new(10.0).expect("a percent"))
        .map(drop)
        .expect("it refuses nothing yet");
    vm.quota.ribosomes = RibosomeCount::new(3);
    // ATP is granted, ribosomes are refused, and then ATP is refused as well.
    vm.refuses_ribosomes = 1;
    vm.refuses_atp = 1;
    let error = manager.restore(&taken).expect_err("it refuses");
    assert_eq!(
        error.to_string(),
        "VM \"cell-1\" is left with 100% of ATP, since it did not take the old share back"
    );
}

#[track_caller]
fn check_refused(change: impl Fn(&mut serde_json::Value), expect: &str) {
    let mut json: serde_json::Value = serde_json::from_str(&snapshot().to_json()).expect("JSON");
    change(&mut json);
    let error = ResourceSnapshot::from_json(&json.to_string()).expect_err("it is damaged");
    assert_eq!(error.to_string(), expect);
    assert!(!error.hint().is_empty());
}

#[test]
fn damaged_and_newer_snapshots_are_refused_by_name() {
    check_refused(
        |json| json["format"] = 2.into(),
        "the snapshot has format 2, newer than 1",
    );
    check_refused(
        |json| json["format"] = 0.into(),
        "format of the snapshot cannot be 0: 1",
    );
    check_refused(
        |json| json["configuration"]["atp_percent"] = 101.into(),
        "configuration.atp_percent of the snapshot cannot be 101: ATP percent \"101\" is out of range",
    );
    check_refused(
        |json| json["surplus"] = 1.into(),
        "this is not a resource snapshot",
    );
    check_refused(
        |json| json["resource_usage"]["atp_percent"] = serde_json::Value::Null,
        "this is not a resource snapshot",
    );
    check_refused(
        |json| json["configuration"]["pacing"] = "real_time".into(),
        "configuration.pacing of the snapshot cannot be real_time: manual, unpaced, or real_time with a pace_factor",
    );
    let long = " ".repeat(ResourceSnapshot::MAX_BYTES + 1);
    let error = ResourceSnapshot::from_json(&long).expect_err("too long");
    assert!(matches!(error, SnapshotError::TooLarge { .. }));
}
