//! Fields that mirror a reference from the other side.

/// A class, its computed set, the class of the members, and the field of theirs that refers back.
type Relation = (&'static str, &'static str, &'static str, &'static str);

const RELATIONS: &[Relation] = &[
    ("Cluster", "cluster_hosts", "Cluster_host", "cluster"),
    ("GPU_group", "PGPUs", "PGPU", "GPU_group"),
    ("GPU_group", "VGPUs", "VGPU", "GPU_group"),
    ("PIF", "bond_master_of", "Bond", "master"),
    ("PIF", "tunnel_access_PIF_of", "tunnel", "access_PIF"),
    ("PIF", "tunnel_transport_PIF_of", "tunnel", "transport_PIF"),
    ("PIF", "VLAN_slave_of", "VLAN", "tagged_PIF"),
    ("PVS_site", "cache_storage", "PVS_cache_storage", "site"),
    ("PVS_site", "proxies", "PVS_proxy", "site"),
    ("PVS_site", "servers", "PVS_server", "site"),
    ("SR", "PBDs", "PBD", "SR"),
    ("SR", "VDIs", "VDI", "SR"),
    ("USB_group", "PUSBs", "PUSB", "USB_group"),
    ("USB_group", "VUSBs", "VUSB", "USB_group"),
    ("VDI", "VBDs", "VBD", "VDI"),
    ("VDI", "crash_dumps", "crashdump", "VDI"),
    ("VDI", "snapshots", "VDI", "snapshot_of"),
    ("VM", "VBDs", "VBD", "VM"),
    ("VM", "VGPUs", "VGPU", "VM"),
    ("VM", "VIFs", "VIF", "VM"),
    ("VM", "VTPMs", "VTPM", "VM"),
    ("VM", "VUSBs", "VUSB", "VM"),
    ("VM", "children", "VM", "parent"),
    ("VM", "consoles", "console", "VM"),
    ("VM", "crash_dumps", "crashdump", "VM"),
    ("VM", "snapshots", "VM", "snapshot_of"),
    ("VMPP", "VMs", "VM", "protection_policy"),
    ("VMSS", "VMs", "VM", "snapshot_schedule"),
    ("VM_appliance", "VMs", "VM", "appliance"),
    ("host", "PBDs", "PBD", "host"),
    ("host", "PCIs", "PCI", "host"),
    ("host", "PGPUs", "PGPU", "host"),
    ("host", "PIFs", "PIF", "host"),
    ("host", "PUSBs", "PUSB", "host"),
    ("host", "certificates", "Certificate", "host"),
    ("host", "crashdumps", "host_crashdump", "host"),
    ("host", "features", "Feature", "host"),
    ("host", "host_CPUs", "host_cpu", "host"),
    ("host", "patches", "host_patch", "host"),
    ("host", "resident_VMs", "VM", "resident_on"),
    ("network", "PIFs", "PIF", "network"),
    ("network", "VIFs", "VIF", "network"),
    ("task", "subtasks", "task", "subtask_of"),
];

/// The class and the field that a computed field mirrors.
pub(super) fn backward(class: &str, field: &str) -> Option<(&'static str, &'static str)> {
    RELATIONS
        .iter()
        .find(|relation| relation.0 == class && relation.1 == field)
        .map(|relation| (relation.2, relation.3))
}

/// The fields of a class that others mirror, and the classes of these others.
pub(super) fn forward(class: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    RELATIONS
        .iter()
        .filter(move |relation| relation.2 == class)
        .map(|relation| (relation.3, relation.0))
}

/// Whether others mirror a field.
pub(super) fn is_forward(class: &str, field: &str) -> bool {
    RELATIONS
        .iter()
        .any(|relation| relation.2 == class && relation.3 == field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xapi::model::{Model, Type};

    #[test]
    fn relations_name_fields_of_the_model() {
        let model = Model::of_xapi_2_23().unwrap();
        for (class, field, other, by) in RELATIONS {
            let field = model.class(class).unwrap().field(field).unwrap();
            assert_eq!(field.kind, Type::Set(Box::new(Type::Ref)), "{class}");
            let by = model.class(other).unwrap().field(by).unwrap();
            assert_eq!(by.kind, Type::Ref, "{other}");
        }
    }
}
