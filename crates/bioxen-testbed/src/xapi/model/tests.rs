use super::*;

fn model() -> Model {
    Model::of_xapi_2_23().unwrap()
}

#[test]
fn the_table_holds_what_the_source_holds() {
    let model = model();
    assert_eq!(model.classes.len(), 73);
    let messages: usize = model
        .classes
        .values()
        .map(|class| class.messages.len())
        .sum();
    assert_eq!(messages, 2258);
    let fields = |class: &str| model.class(class).unwrap().fields.len();
    assert_eq!(
        (fields("VM"), fields("task"), fields("session")),
        (92, 17, 16)
    );
    assert_eq!(model.enums.len(), 75);
    assert_eq!(
        model.enumeration("vbd_type").unwrap(),
        ["CD", "Disk", "Floppy"]
    );
    assert_eq!(
        model.error("VM_BAD_POWER_STATE").unwrap(),
        ["vm", "expected", "actual"]
    );
}

#[track_caller]
fn check(call: &str, kind: &Kind, params: &[&str], required: usize, is_async: bool) {
    let model = model();
    let message = model.call(call).unwrap();
    let names: Vec<&str> = message
        .params
        .iter()
        .map(|param| param.name.as_str())
        .collect();
    assert_eq!(&message.kind, kind);
    assert_eq!(names, params);
    assert_eq!((message.required(), message.is_async), (required, is_async));
}

#[test]
fn messages_have_their_parameters() {
    let field = |name: &str| name.to_owned();
    check(
        "VM.start",
        &Kind::Custom,
        &["vm", "start_paused", "force"],
        3,
        true,
    );
    check(
        "VM_start",
        &Kind::Custom,
        &["vm", "start_paused", "force"],
        3,
        true,
    );
    check(
        "VM.snapshot",
        &Kind::Custom,
        &["vm", "new_name", "ignore_vdis"],
        2,
        true,
    );
    check(
        "VM.get_tags",
        &Kind::Get(field("tags")),
        &["self"],
        1,
        false,
    );
    check(
        "VM.add_tags",
        &Kind::Add(field("tags")),
        &["self", "value"],
        2,
        false,
    );
    check(
        "SR.remove_from_other_config",
        &Kind::Remove(field("other_config")),
        &["self", "key"],
        2,
        false,
    );
    check("VIF.create", &Kind::Create, &["args"], 1, true);
    check(
        "VM_metrics.get_record",
        &Kind::GetRecord,
        &["self"],
        1,
        false,
    );
    check(
        "VM_metrics_get_record",
        &Kind::GetRecord,
        &["self"],
        1,
        false,
    );
}

#[test]
fn a_field_without_get_has_no_message() {
    assert!(model().call("VM.get_domid").is_some());
    assert!(model().call("VM.set_domid").is_none());
    assert!(model().call("VM.set_power_state").is_none());
}

#[test]
fn defaults_are_values_of_the_type() {
    let model = model();
    let vm = model.class("VM").unwrap();
    let default = |name: &str| vm.field(name).unwrap().default.clone();
    assert_eq!(default("power_state"), Value::Text("Halted".to_owned()));
    assert_eq!(default("start_delay"), Value::Int(0));
    assert_eq!(default("HVM_shadow_multiplier"), Value::Double(1.0));
    assert_eq!(
        default("resident_on"),
        Value::Text("OpaqueRef:NULL".to_owned())
    );
    assert_eq!(
        default("snapshot_time"),
        Value::Date("19700101T00:00:00Z".to_owned())
    );
}

#[test]
fn the_methods_are_listed_with_their_forms() {
    let methods = model().list_methods();
    let has = |name: &str| methods.iter().any(|method| method == name);
    assert!(has("VM.start") && has("Async.VM.start") && has("VM.get_tags"));
    assert!(!has("Async.VM.get_tags") && has("system.listMethods"));
}

#[test]
fn a_table_with_a_fault_is_refused_with_its_line() {
    let check = |table: &str, text: &str| {
        assert_eq!(read::model(table).unwrap_err().to_string(), text);
    };
    check("# x\nbird", "line 2 of the data model: unknown line");
    check(
        "field\tx\tstring\trw\tg\t-",
        "line 1 of the data model: a field before a class",
    );
    check(
        "class\tVM\tdb\t-\t-\nfield\tx\tbird\trw\tg\t-",
        "line 2 of the data model: unknown type",
    );
}
