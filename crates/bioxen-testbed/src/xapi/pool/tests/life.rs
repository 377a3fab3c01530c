//! Lives of VMs.

use std::collections::BTreeMap;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use crate::xapi::guests::{Addresses, Guests, StartedVm};
use crate::xapi::spec::{GuestSpec, PoolSpec, ShutdownHabit, TemplateSpec};
use crate::xapi::testing::{Player, as_text, members, text};
use crate::xapi::wire::Arg;

fn with_guest(guest: GuestSpec) -> Player {
    Player::with(&PoolSpec::with_template(TemplateSpec {
        guest,
        ..TemplateSpec::new("gold")
    }))
}

#[track_caller]
fn power(player: &mut Player, vm: &str) -> String {
    player.get_text("VM.get_power_state", &[vm])
}

/// The addresses that a VM tells; `None` without a record.
fn networks(player: &mut Player, vm: &str) -> Option<Vec<(String, String)>> {
    let metrics = player.get_text("VM.get_guest_metrics", &[vm]);
    if metrics == "OpaqueRef:NULL" {
        return None;
    }
    let networks = player.get("VM_guest_metrics.get_networks", &[&metrics]);
    let networks = members(&networks).into_iter();
    Some(
        networks
            .map(|(key, value)| (key, as_text(&value).to_owned()))
            .collect(),
    )
}

#[test]
fn a_whole_life_leaves_nothing() {
    let mut player = Player::new();
    assert!(!player.pool.census().is_clean(), "the session is open");
    let vm = player.new_vm("a");
    player.start(&vm);
    player.pass(20.0);
    let snapshot = player.get_text("VM.checkpoint", &[&vm, "s"]);
    player.get("VM.suspend", &[&vm]);
    assert_eq!(power(&mut player, &vm), "Suspended");
    player.get("VM.hard_shutdown", &[&vm]);
    let census = player.pool.census();
    assert_eq!(census.vms, ["a"]);
    assert_eq!(census.snapshots, ["s"]);
    assert_eq!(
        census.disks.len(),
        3,
        "two disks and the memory of the checkpoint"
    );
    player.pass(1.0);
    for owner in [&snapshot, &vm] {
        let image = player.get_text("VM.get_suspend_VDI", &[owner]);
        for disk in player.disks(owner) {
            player.get("VDI.destroy", &[&disk]);
        }
        player.get("VM.destroy", &[owner]);
        if image != "OpaqueRef:NULL" {
            player.get("VDI.destroy", &[&image]);
        }
    }
    player.get("session.logout", &[]);
    let census = player.pool.census();
    assert!(census.is_clean(), "{census:?}");
}

#[test]
fn a_clone_of_a_template_carries_over_what_the_server_carries_over() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let vm = player.get_text("VM.clone", &[&gold, "a"]);
    let (old, new) = (
        members(&player.get("VM.get_record", &[&gold])),
        members(&player.get("VM.get_record", &[&vm])),
    );
    assert_eq!(new["is_a_template"], Arg::Bool(true));
    for same in ["tags", "memory_static_max", "VCPUs_max", "platform"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    for other in ["uuid", "metrics", "guest_metrics", "VIFs", "VBDs"] {
        assert_ne!(old[other], new[other], "{other}");
    }
    let config = members(&new["other_config"]);
    assert_eq!(config["base_template_name"], text("gold"));
    assert_ne!(
        config["mac_seed"],
        members(&old["other_config"])["mac_seed"]
    );
    let mac = |player: &mut Player, vm: &str| {
        let vif = player.get_texts("VM.get_VIFs", &[vm]).remove(0);
        player.get_text("VIF.get_MAC", &[&vif])
    };
    assert_ne!(mac(&mut player, &gold), mac(&mut player, &vm));
    assert_ne!(player.disks(&gold), player.disks(&vm));
    // The address of the template stays until the start.
    let stale = networks(&mut player, &vm).unwrap();
    assert_eq!(stale[0], ("0/ip".to_owned(), "10.0.0.9".to_owned()));
    player.get("VM.provision", &[&vm]);
    player.start(&vm);
    assert_eq!(networks(&mut player, &vm), None);
    player.pass(1.0);
    assert_eq!(networks(&mut player, &vm), Some(vec![]));
    player.pass(15.0);
    let found = networks(&mut player, &vm).unwrap();
    assert_eq!(found[0], ("0/ip".to_owned(), "127.0.0.1".to_owned()));
    let uuid = player.get_text("VM.get_uuid", &[&vm]);
    assert!(player.pool.move_guest(&uuid, Addresses::ipv4("10.0.0.7")));
    let found = networks(&mut player, &vm).unwrap();
    assert_eq!(found[1], ("0/ipv4/0".to_owned(), "10.0.0.7".to_owned()));
}

#[test]
fn a_shipped_template_gets_the_disk_of_its_recipe() {
    let mut player = Player::new();
    let shipped = player.vm("Debian Bookworm 12");
    let vm = player.get_text("VM.clone", &[&shipped, "a"]);
    assert_eq!(player.disks(&vm).len(), 0);
    player.get("VM.provision", &[&vm]);
    let disks = player.disks(&vm);
    assert_eq!(
        player.get_text("VDI.get_virtual_size", &[&disks[0]]),
        "10737418240"
    );
    assert_eq!(player.get("VM.get_is_a_template", &[&vm]), Arg::Bool(false));
}

#[test]
fn power_goes_the_ways_that_the_states_allow() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let yes = || Arg::Bool(true);
    player.call("VM.start", &[text(&vm), yes(), yes()]).unwrap();
    assert_eq!(power(&mut player, &vm), "Paused");
    player.get("VM.unpause", &[&vm]);
    player.pass(20.0);
    for (name, expect) in [
        ("VM.pause", "Paused"),
        ("VM.unpause", "Running"),
        ("VM.hard_reboot", "Running"),
    ] {
        player.get(name, &[&vm]);
        assert_eq!(power(&mut player, &vm), expect, "{name}");
    }
    // After a reboot the guest must tell again what it can.
    assert_eq!(player.refused("VM.suspend", &[&vm])[0], "VM_LACKS_FEATURE");
    player.pass(20.0);
    player.get("VM.suspend", &[&vm]);
    assert_eq!(power(&mut player, &vm), "Suspended");
    let image = player.get_text("VM.get_suspend_VDI", &[&vm]);
    assert_ne!(image, "OpaqueRef:NULL");
    player
        .call("VM.resume", &[text(&vm), Arg::Bool(false), yes()])
        .unwrap();
    assert_eq!(power(&mut player, &vm), "Running");
    player.pass(20.0);
    player.get("VM.clean_reboot", &[&vm]);
    player.pass(20.0);
    player.get("VM.clean_shutdown", &[&vm]);
    assert_eq!(power(&mut player, &vm), "Halted");
    assert_eq!(player.get_text("VM.get_domid", &[&vm]), "-1");
    assert_eq!(
        player.get_text("VM.get_resident_on", &[&vm]),
        "OpaqueRef:NULL"
    );
}

#[test]
fn guests_shut_down_as_they_like() {
    let check = |shutdown: ShutdownHabit, code: &str, after: f64| {
        let mut player = with_guest(GuestSpec {
            shutdown,
            ..GuestSpec::default()
        });
        let vm = player.new_vm("a");
        player.start(&vm);
        player.pass(20.0);
        let before = player.now;
        assert_eq!(player.refused("VM.clean_shutdown", &[&vm])[0], code);
        assert_eq!(player.now - before, Duration::from_secs_f64(after));
        player.get("VM.shutdown", &[&vm]);
        assert_eq!(power(&mut player, &vm), "Halted");
    };
    check(
        ShutdownHabit::Ignores,
        "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT",
        60.0,
    );
    check(ShutdownHabit::Hangs, "VM_SHUTDOWN_TIMEOUT", 1_200.0);
}

#[test]
fn a_guest_without_agent_never_tells() {
    let mut player = with_guest(GuestSpec {
        drivers_after: None,
        address_after: None,
        off_after: Some(Duration::from_secs(3_000)),
        ..GuestSpec::default()
    });
    let vm = player.new_vm("a");
    player.start(&vm);
    player.pass(2_000.0);
    assert_eq!(networks(&mut player, &vm), Some(vec![]));
    assert_eq!(
        player.refused("VM.clean_shutdown", &[&vm])[0],
        "VM_LACKS_FEATURE"
    );
    player.pass(1_001.0);
    assert_eq!(power(&mut player, &vm), "Halted");
}

#[test]
fn disks_stay_attached_for_a_moment() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let disk = player.disks(&vm).remove(0);
    player.start(&vm);
    player.get("VM.hard_shutdown", &[&vm]);
    assert_eq!(
        player.refused("VDI.destroy", &[&disk]),
        ["VDI_IN_USE", disk.as_str(), "destroy"]
    );
    player.pass(1.0);
    player.get("VDI.destroy", &[&disk]);
    assert_eq!(
        player.refused("VDI.get_uuid", &[&disk])[0],
        "HANDLE_INVALID"
    );
}

#[test]
fn a_revert_brings_back_disks_and_settings() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let snapshot = player.get_text("VM.snapshot", &[&vm, "s"]);
    player.get("VM.set_memory", &[&vm, "1073741824"]);
    let old = player.disks(&vm);
    player.start(&vm);
    player.get("VM.revert", &[&snapshot]);
    assert_eq!(power(&mut player, &vm), "Halted");
    assert_ne!(player.disks(&vm), old);
    assert_eq!(player.disks(&vm).len(), 1);
    assert_eq!(
        player.get_text("VM.get_memory_static_max", &[&vm]),
        "2147483648"
    );
    // A VM that is gone is made anew.
    player.get("VM.destroy", &[&vm]);
    player.get("VM.revert", &[&snapshot]);
    let made = player.get_text("VM.get_snapshot_of", &[&snapshot]);
    assert_ne!(made, vm);
    assert_eq!(power(&mut player, &made), "Halted");
}

#[test]
fn a_full_storage_takes_no_copy_and_keeps_no_part_of_it() {
    let mut spec = PoolSpec::with_template(TemplateSpec {
        disks: vec![60 << 30, 60 << 30, 60 << 30],
        ..TemplateSpec::new("gold")
    });
    spec.storages[0].size = 130 << 30;
    let mut player = Player::with(&spec);
    let gold = player.vm("gold");
    let refused = player.refused("VM.copy", &[&gold, "a", "OpaqueRef:NULL"]);
    assert_eq!(refused[0], "SR_FULL");
    player.get("session.logout", &[]);
    let census = player.pool.census();
    assert!(census.is_clean(), "{census:?}");
}

#[test]
fn the_owner_of_the_pool_sees_and_stops_guests() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    player.start(&vm);
    player.pass(20.0);
    let names: Vec<String> = player
        .pool
        .vms()
        .into_iter()
        .map(|view| view.name)
        .collect();
    assert_eq!(names, ["Debian Bookworm 12", "a", "gold"]);
    let view = player.pool.vms().remove(1);
    assert_eq!(view.power_state, "Running");
    assert_eq!(view.addresses["0/ip"], "127.0.0.1");
    assert!(player.pool.power_off_guest(&view.uuid));
    assert!(!player.pool.power_off_guest(&view.uuid));
    assert_eq!(power(&mut player, &vm), "Halted");
}

#[test]
fn the_same_seed_and_calls_give_the_same_life() {
    let life = |seed: u64| {
        let mut player = Player::with(&PoolSpec {
            seed,
            ..PoolSpec::with_template(TemplateSpec::new("gold"))
        });
        let vm = player.new_vm("a");
        player.start(&vm);
        player.pass(20.0);
        (player.now, player.get("VM.get_all_records", &[]))
    };
    assert_eq!(life(1), life(1));
    assert_ne!(life(1).1, life(2).1);
}

#[test]
fn a_start_that_is_under_way_has_its_memory() {
    let mut player = Player::with(&PoolSpec::with_template(TemplateSpec {
        memory: 20 << 30,
        ..TemplateSpec::new("gold")
    }));
    let vms = ["a", "b"].map(|name| player.new_vm(name));
    let start = |player: &mut Player, vm: &str| {
        let no = || Arg::Bool(false);
        let task = player.call("Async.VM.start", &[text(vm), no(), no()]);
        as_text(&task.unwrap()).to_owned()
    };
    let first = start(&mut player, &vms[0]);
    let second = start(&mut player, &vms[1]);
    player.pass(0.1);
    let error = player.get_texts("task.get_error_info", &[&second]);
    assert_eq!(error[0], "HOST_NOT_ENOUGH_FREE_MEMORY");
    // Who is called off gives it back.
    player.get("task.cancel", &[&first]);
    player.pass(0.1);
    assert_eq!(power(&mut player, &vms[0]), "Halted");
    player.start(&vms[1]);
}

#[test]
fn a_copy_goes_where_it_is_told() {
    let mut spec = PoolSpec::with_template(TemplateSpec::new("gold"));
    spec.storages.push(crate::xapi::StorageSpec {
        name: "other".to_owned(),
        ..spec.storages[0].clone()
    });
    let mut player = Player::with(&spec);
    let gold = player.vm("gold");
    let other = player
        .get_texts("SR.get_by_name_label", &["other"])
        .remove(0);
    let home = player
        .get_texts("SR.get_by_name_label", &["Local storage"])
        .remove(0);
    let mut storage_of_copy = |wanted: &str| {
        let copy = player.get_text("VM.copy", &[&gold, "a", wanted]);
        let disk = player.disks(&copy).remove(0);
        assert_eq!(
            player.get_text("VDI.get_physical_utilisation", &[&disk]),
            "10737418240"
        );
        player.get_text("VDI.get_SR", &[&disk])
    };
    assert_eq!(storage_of_copy(&other), other);
    assert_eq!(storage_of_copy("OpaqueRef:NULL"), home);
    assert_eq!(
        player.refused("VM.copy", &[&gold, "a", "bird"]),
        ["HANDLE_INVALID", "SR", "bird"]
    );
}

/// Guests that tell what they find in their xenstore.
#[derive(Debug)]
struct Readers(Sender<BTreeMap<String, String>>);

impl Guests for Readers {
    fn started(&mut self, vm: &StartedVm) -> Result<Addresses, String> {
        let told = self.0.send(vm.vm_data.clone());
        told.map_err(|_| "nobody listens".to_owned())?;
        Ok(Addresses::default())
    }

    fn stopped(&mut self, _: &str) {}

    fn paused(&mut self, _: &str) {}

    fn unpaused(&mut self, _: &str) {}
}

#[test]
fn a_guest_finds_what_is_handed_to_it_and_a_revert_brings_it_back() {
    let mut player = Player::new();
    let (tell, told) = channel();
    player.pool.set_guests(Readers(tell));
    let vm = player.new_vm("a");
    for (key, word) in [("vm-data/key", "1"), ("vm-database", "2"), ("mmio", "3")] {
        player.get("VM.add_to_xenstore_data", &[&vm, key, word]);
    }
    let snapshot = player.get_text("VM.snapshot", &[&vm, "s"]);
    let handed = BTreeMap::from([("vm-data/key".to_owned(), "1".to_owned())]);
    player.start(&vm);
    assert_eq!(told.try_recv(), Ok(handed.clone()));
    player.get("VM.hard_shutdown", &[&vm]);
    player.get("VM.remove_from_xenstore_data", &[&vm, "vm-data/key"]);
    player.start(&vm);
    assert_eq!(told.try_recv(), Ok(BTreeMap::new()));
    player.get("VM.revert", &[&snapshot]);
    player.start(&vm);
    assert_eq!(told.try_recv(), Ok(handed));
}
