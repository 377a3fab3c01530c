use super::*;

fn store() -> Store {
    Store::new(Arc::new(Model::of_xapi_2_23().unwrap()), 7)
}

#[test]
fn a_record_has_every_field() {
    let mut store = store();
    let vm = store
        .insert("VM", [("name_label", Value::from("a"))])
        .unwrap();
    let record = store.record("VM", &vm).unwrap().to_map();
    assert_eq!(record.len(), 92);
    assert_eq!(record["name_label"], Value::from("a"));
    assert_eq!(record["resident_on"], Value::from(NULL));
    assert_eq!(record["VBDs"], Value::Set(vec![]));
}

#[test]
fn references_are_seen_from_the_other_side() {
    let mut store = store();
    let vm = store.insert("VM", []).unwrap();
    let before = store.generation();
    let vbd = store
        .insert("VBD", [("VM", Value::from(vm.as_str()))])
        .unwrap();
    assert_eq!(store.list("VM", &vm, "VBDs").unwrap(), [vbd.as_str()]);
    let changes = store.changes("VM", before).unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].1, Change::Mod);
    store.set("VBD", &vbd, "VM", NULL).unwrap();
    assert_eq!(store.list("VM", &vm, "VBDs").unwrap(), [] as [String; 0]);
}

#[test]
fn changes_are_merged_into_what_they_come_to() {
    let mut store = store();
    let start = store.generation();
    let kept = store.insert("VM", []).unwrap();
    let middle = store.generation();
    store.set("VM", &kept, "name_label", "a").unwrap();
    let gone = store.insert("VM", []).unwrap();
    let late = store.generation();
    store.remove("VM", &gone).unwrap();
    let of = |since: u64| -> Vec<(Change, String)> {
        let changes = store.changes("VM", since).unwrap().into_iter();
        changes
            .map(|(_, change, reference)| (change, reference))
            .collect()
    };
    assert_eq!(of(start), [(Change::Add, kept.clone())]);
    assert_eq!(of(middle), [(Change::Mod, kept.clone())]);
    assert_eq!(of(late), [(Change::Del, gone)]);
    assert_eq!(of(store.generation()), []);
}

#[test]
fn an_unchanged_value_is_no_change() {
    let mut store = store();
    let vm = store.insert("VM", []).unwrap();
    let before = store.generation();
    store.set("VM", &vm, "name_label", "").unwrap();
    assert_eq!(store.generation(), before);
}

#[test]
fn what_is_gone_is_an_invalid_handle() {
    let mut store = store();
    let vm = store.insert("VM", []).unwrap();
    store.remove("VM", &vm).unwrap();
    let expect = Failure::handle("VM", &vm);
    assert_eq!(store.record("VM", &vm).unwrap_err(), expect);
    assert_eq!(store.set("VM", &vm, "name_label", "a").unwrap_err(), expect);
    assert_eq!(store.remove("VM", &vm).unwrap_err(), expect);
}

#[test]
fn forgotten_deletions_lose_events() {
    let mut store = store();
    let start = store.generation();
    for _ in 0..=Store::REMEMBERED {
        let vm = store.insert("VM", []).unwrap();
        store.remove("VM", &vm).unwrap();
    }
    assert_eq!(store.changes("VM", start), None);
    assert_eq!(store.changes("VM", 0), Some(vec![]));
}
