//! What happens in a pool, in lines for people.

use std::collections::BTreeMap;

use bioxen_testbed::xapi::VmView;

/// What was seen of the VMs of a pool.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    seen: BTreeMap<String, VmView>,
}

impl Watch {
    /// What is different from the last look.
    pub(crate) fn look(&mut self, vms: Vec<VmView>) -> Vec<String> {
        let now: BTreeMap<String, VmView> = vms
            .into_iter()
            .filter(|vm| !vm.is_template && !vm.is_snapshot)
            .map(|vm| (vm.uuid.clone(), vm))
            .collect();
        let mut lines = Vec::new();
        for (uuid, vm) in &now {
            let name = &vm.name;
            let before = self.seen.get(uuid);
            match before {
                None => lines.push(format!("made: VM {name} ({uuid})")),
                Some(old) if old.name != *name => {
                    lines.push(format!("named: VM {name}, which was {}", old.name));
                }
                Some(_) => {}
            }
            let old = before.map_or("Halted", |old| old.power_state.as_str());
            if let Some(verb) = verb(old, &vm.power_state) {
                lines.push(format!("{verb}: VM {name}"));
            }
            let address = address(vm);
            if address.is_some() && address != before.and_then(address_of) {
                let address = address.unwrap_or_default();
                lines.push(format!("reached: VM {name} has the address {address}"));
            }
        }
        for (uuid, old) in &self.seen {
            if !now.contains_key(uuid) {
                lines.push(format!("removed: VM {}", old.name));
            }
        }
        self.seen = now;
        lines
    }

    /// VMs that are there.
    pub(crate) fn count(&self) -> usize {
        self.seen.len()
    }
}

fn address_of(vm: &VmView) -> Option<&str> {
    address(vm)
}

/// The address of a VM that runs; one that is off has only reported one once.
fn address(vm: &VmView) -> Option<&str> {
    let is_on = vm.power_state == "Running" || vm.power_state == "Paused";
    let address = vm.addresses.get("0/ip").filter(|_| is_on);
    address.map(String::as_str)
}

fn verb(old: &str, new: &str) -> Option<&'static str> {
    match (old, new) {
        (old, new) if old == new => None,
        ("Halted", "Running") => Some("started"),
        (_, "Running") => Some("resumed"),
        (_, "Halted") => Some("stopped"),
        (_, "Paused") => Some("paused"),
        (_, "Suspended") => Some("suspended"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bioxen_testbed::xapi::VmView;

    use super::Watch;

    fn vm(name: &str, power_state: &str, address: &str) -> VmView {
        let address = (!address.is_empty()).then(|| ("0/ip".to_owned(), address.to_owned()));
        VmView {
            uuid: "u-1".to_owned(),
            name: name.to_owned(),
            power_state: power_state.to_owned(),
            is_template: false,
            is_snapshot: false,
            addresses: address.into_iter().collect::<BTreeMap<_, _>>(),
        }
    }

    #[track_caller]
    fn check(watch: &mut Watch, vms: &[VmView], expected: &[&str]) {
        assert_eq!(watch.look(vms.to_vec()), expected);
    }

    #[test]
    fn the_life_of_a_vm_is_a_line_for_each_change() {
        let watch = &mut Watch::default();
        let mut template = vm("tools", "Halted", "");
        template.is_template = true;
        check(watch, &[template], &[]);
        let seen = vm("op", "Halted", "");
        check(watch, &[seen], &["made: VM op (u-1)"]);
        let seen = vm("cell", "Halted", "");
        check(watch, &[seen], &["named: VM cell, which was op"]);
        // What a clone carries of its template is no news.
        check(watch, &[vm("cell", "Halted", "10.0.0.1")], &[]);
        check(watch, &[vm("cell", "Running", "")], &["started: VM cell"]);
        let seen = vm("cell", "Running", "127.0.0.5");
        check(
            watch,
            std::slice::from_ref(&seen),
            &["reached: VM cell has the address 127.0.0.5"],
        );
        check(watch, &[seen], &[]);
        let seen = vm("cell", "Paused", "127.0.0.5");
        check(watch, &[seen], &["paused: VM cell"]);
        let seen = vm("cell", "Running", "127.0.0.5");
        check(watch, &[seen], &["resumed: VM cell"]);
        let seen = vm("cell", "Halted", "127.0.0.5");
        check(watch, &[seen], &["stopped: VM cell"]);
        assert_eq!(watch.count(), 1);
        check(watch, &[], &["removed: VM cell"]);
        assert_eq!(watch.count(), 0);
    }

    #[test]
    fn what_happened_between_two_looks_is_told_in_order() {
        let watch = &mut Watch::default();
        let seen = vm("cell", "Running", "127.0.0.5");
        let expected = [
            "made: VM cell (u-1)",
            "started: VM cell",
            "reached: VM cell has the address 127.0.0.5",
        ];
        check(watch, &[seen], &expected);
    }
}
