//! What is in the pool that was not at the beginning, and what of the beginning is not as it was.

use std::collections::BTreeMap;

use super::Pool;
use crate::xapi::value::Value;

/// Objects beyond those of the beginning, by name or reference, and initial ones that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// VMs that are no snapshots.
    pub vms: Vec<String>,
    /// Snapshots of VMs.
    pub snapshots: Vec<String>,
    /// Disks.
    pub disks: Vec<String>,
    /// Tasks that nobody destroyed.
    pub tasks: Vec<String>,
    /// Sessions that are open.
    pub sessions: Vec<String>,
    /// Other objects: class and reference.
    pub others: Vec<String>,
    /// Objects of the beginning that are gone or changed.
    pub changed: Vec<Changed>,
}

/// An object of the beginning that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its class.
    pub class: String,
    /// Its name, or its reference if it has none.
    pub name: String,
    /// The fields that differ; none if it is gone.
    pub fields: Vec<String>,
}

/// The records of the beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Initial {
    records: BTreeMap<String, BTreeMap<String, Value>>,
}

/// Fields that change by themselves.
const RESTLESS: &[&str] = &[
    "allowed_operations",
    "current_operations",
    "memory_free",
    "physical_utilisation",
    "virtual_allocation",
];

impl Census {
    /// Whether all is as it was at the beginning.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// Number of objects that are left over.
    pub fn leaks(&self) -> usize {
        [
            &self.vms,
            &self.snapshots,
            &self.disks,
            &self.tasks,
            &self.sessions,
            &self.others,
        ]
        .iter()
        .map(|list| list.len())
        .sum()
    }
}

impl Pool {
    /// Counts what is left over.
    ///
    /// Guest metrics of VMs and other parts of an object that is left over are told among the others.
    pub fn census(&self) -> Census {
        let mut census = Census::default();
        for class in self.store.model.classes.keys() {
            let initial = self.initial.records.get(class);
            let is_initial =
                |reference: &String| initial.is_some_and(|records| records.contains_key(reference));
            for reference in self.store.all(class) {
                if is_initial(&reference) {
                    continue;
                }
                let name = self.name_of(class, &reference);
                match class.as_str() {
                    "VM" => {
                        let snapshot = self.store.flag("VM", &reference, "is_a_snapshot");
                        if snapshot == Ok(true) {
                            census.snapshots.push(name);
                        } else {
                            census.vms.push(name);
                        }
                    }
                    "VDI" => census.disks.push(name),
                    "task" => census.tasks.push(name),
                    "session" => census.sessions.push(reference),
                    _ => census.others.push(format!("{class} {reference}")),
                }
            }
            for (reference, before) in initial.into_iter().flatten() {
                if let Some(changed) = self.changed(class, reference, before) {
                    census.changed.push(changed);
                }
            }
        }
        census
    }

    pub(super) fn take_initial(&self) -> Initial {
        let mut records = BTreeMap::new();
        for class in self.store.model.classes.keys() {
            let of_class: BTreeMap<String, Value> = self
                .store
                .all(class)
                .into_iter()
                .filter_map(|reference| {
                    let record = self.store.record(class, &reference).ok()?;
                    Some((reference, record))
                })
                .collect();
            records.insert(class.clone(), of_class);
        }
        Initial { records }
    }

    fn changed(&self, class: &str, reference: &str, before: &Value) -> Option<Changed> {
        let fields = match self.store.record(class, reference) {
            Err(_) => Vec::new(),
            Ok(now) => {
                let now = now.to_map();
                let fields: Vec<String> = before
                    .to_map()
                    .into_iter()
                    .filter(|(field, value)| {
                        !RESTLESS.contains(&field.as_str()) && now.get(field) != Some(value)
                    })
                    .map(|(field, _)| field)
                    .collect();
                if fields.is_empty() {
                    return None;
                }
                fields
            }
        };
        let name = before
            .member("name_label")
            .map_or(reference, Value::as_text);
        Some(Changed {
            class: class.to_owned(),
            name: name.to_owned(),
            fields,
        })
    }

    fn name_of(&self, class: &str, reference: &str) -> String {
        match self.store.text(class, reference, "name_label") {
            Ok(name) if !name.is_empty() => name,
            _ => reference.to_owned(),
        }
    }
}
