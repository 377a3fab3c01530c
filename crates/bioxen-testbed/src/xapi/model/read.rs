//! The table of the data model, read.

use std::collections::BTreeMap;

use super::{Class, Constructor, Field, Kind, Message, Model, ModelError, Param, Type};
use crate::xapi::value::Value;

/// Reads the whole table.
pub(super) fn model(table: &str) -> Result<Model, ModelError> {
    let mut model = Model {
        classes: BTreeMap::new(),
        enums: BTreeMap::new(),
        errors: BTreeMap::new(),
        calls: BTreeMap::new(),
    };
    let mut class: Option<Class> = None;
    for (number, line) in (1..).zip(table.lines()) {
        let wrong = |what: &str| ModelError {
            line: number,
            what: what.to_owned(),
        };
        let columns: Vec<&str> = line.split('\t').collect();
        match *columns.as_slice() {
            ["enum", name, ref members @ ..] => {
                let members = members.iter().map(|&member| member.to_owned()).collect();
                model.enums.insert(name.to_owned(), members);
            }
            ["error", code, ref params @ ..] => {
                let params = params.iter().map(|&param| param.to_owned()).collect();
                model.errors.insert(code.to_owned(), params);
            }
            ["class", name, database, events, _life] => {
                keep(&mut model, class.take());
                class = Some(Class {
                    name: name.to_owned(),
                    in_database: database == "db",
                    events: events == "events",
                    fields: Vec::new(),
                    index: BTreeMap::new(),
                    messages: BTreeMap::new(),
                });
            }
            [
                "field",
                name,
                kind,
                _qualifier,
                flags,
                life,
                ref default @ ..,
            ] => {
                let class = class
                    .as_mut()
                    .ok_or_else(|| wrong("a field before a class"))?;
                let kind = Type::parse(kind).ok_or_else(|| wrong("unknown type"))?;
                let default = match *default {
                    [] => Value::empty(&kind),
                    [json] => literal(json, &kind).ok_or_else(|| wrong("unreadable default"))?,
                    _ => return Err(wrong("too many columns")),
                };
                derive(class, name, &kind, flags, life == "removed");
                class.index.insert(name.to_owned(), class.fields.len());
                class.fields.push(Field {
                    name: name.to_owned(),
                    kind,
                    default,
                    constructor: match flags {
                        flags if flags.contains('r') => Constructor::Requires,
                        flags if flags.contains('o') => Constructor::Takes,
                        _ => Constructor::Ignores,
                    },
                });
            }
            ["message", name, kind, flags, _result, ref params @ ..] => {
                let class = class
                    .as_mut()
                    .ok_or_else(|| wrong("a message before a class"))?;
                let flags: Vec<&str> = flags.split(',').collect();
                let params = params
                    .iter()
                    .map(|text| param(text))
                    .collect::<Option<Vec<Param>>>()
                    .ok_or_else(|| wrong("unreadable parameter"))?;
                let message = Message {
                    class: class.name.clone(),
                    name: name.to_owned(),
                    kind: kind_of(kind).ok_or_else(|| wrong("unknown kind"))?,
                    params,
                    is_async: flags.contains(&"async"),
                    takes_session: !flags.contains(&"nosession"),
                    pool_internal: flags.contains(&"internal"),
                    removed: flags.contains(&"removed"),
                };
                class.messages.insert(name.to_owned(), message);
            }
            _ if line.starts_with('#') => {}
            _ => return Err(wrong("unknown line")),
        }
    }
    keep(&mut model, class);
    Ok(model)
}

/// Adds a class whose lines are all read.
fn keep(model: &mut Model, class: Option<Class>) {
    let Some(class) = class else { return };
    for message in class.messages.keys() {
        let target = (class.name.clone(), message.clone());
        model
            .calls
            .insert(format!("{}_{message}", class.name), target.clone());
        model
            .calls
            .insert(format!("{}.{message}", class.name), target);
    }
    model.classes.insert(class.name.clone(), class);
}

/// Adds the messages that are made from a field.
fn derive(class: &mut Class, field: &str, kind: &Type, flags: &str, removed: bool) {
    let mut add = |name: String, kind: Kind, more: Vec<(&str, Type)>| {
        let params = [("self", Type::Ref)]
            .into_iter()
            .chain(more)
            .map(|(name, kind)| Param {
                name: name.to_owned(),
                kind,
                default: None,
            })
            .collect();
        let message = Message {
            class: class.name.clone(),
            name: name.clone(),
            kind,
            params,
            is_async: false,
            takes_session: true,
            pool_internal: false,
            removed,
        };
        class.messages.insert(name, message);
    };
    if flags.contains('g') {
        let kind_of_get = Kind::Get(field.to_owned());
        add(format!("get_{field}"), kind_of_get, vec![]);
    }
    if flags.contains('s') {
        let params = vec![("value", kind.clone())];
        add(format!("set_{field}"), Kind::Set(field.to_owned()), params);
    }
    if flags.contains('a') {
        let (to, from, added, removed) = match kind {
            Type::Map(key, value) => (
                "add_to_",
                "remove_from_",
                vec![("key", (**key).clone()), ("value", (**value).clone())],
                vec![("key", (**key).clone())],
            ),
            Type::Set(inner) => (
                "add_",
                "remove_",
                vec![("value", (**inner).clone())],
                vec![("value", (**inner).clone())],
            ),
            _ => return,
        };
        add(format!("{to}{field}"), Kind::Add(field.to_owned()), added);
        add(
            format!("{from}{field}"),
            Kind::Remove(field.to_owned()),
            removed,
        );
    }
}

fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "custom" => Kind::Custom,
        "create" => Kind::Create,
        "destroy" => Kind::Destroy,
        "get_by_uuid" => Kind::GetByUuid,
        "get_by_name_label" => Kind::GetByNameLabel,
        "get_record" => Kind::GetRecord,
        "get_all" => Kind::GetAll,
        "get_all_where" => Kind::GetAllWhere,
        "get_all_records" => Kind::GetAllRecords,
        "get_all_records_where" => Kind::GetAllRecordsWhere,
        _ => return None,
    })
}

/// A parameter such as `timeout:float=20.0`.
fn param(text: &str) -> Option<Param> {
    let (name, rest) = text.split_once(':')?;
    // A type has no `=`.
    let (kind, default) = match rest.split_once('=') {
        Some((kind, json)) => (Type::parse(kind)?, Some(json)),
        None => (Type::parse(rest)?, None),
    };
    let default = match default {
        Some(json) => Some(literal(json, &kind)?),
        None => None,
    };
    Some(Param {
        name: name.to_owned(),
        kind,
        default,
    })
}

/// A default, which is written as JSON.
fn literal(json: &str, kind: &Type) -> Option<Value> {
    value(&serde_json::from_str(json).ok()?, kind)
}

fn value(json: &serde_json::Value, kind: &Type) -> Option<Value> {
    use serde_json::Value as Json;
    Some(match (kind, json) {
        (Type::Int, Json::String(text)) => Value::Int(text.parse().ok()?),
        (Type::Date, Json::String(text)) => Value::Date(text.clone()),
        (_, Json::String(text)) => Value::Text(text.clone()),
        (_, Json::Bool(flag)) => Value::Bool(*flag),
        (Type::Float, Json::Number(number)) => Value::Double(number.as_f64()?),
        (Type::Set(inner), Json::Array(items)) => {
            let items: Option<Vec<Value>> = items.iter().map(|item| value(item, inner)).collect();
            Value::Set(items?)
        }
        (Type::Map(_, inner), Json::Object(items)) => {
            let mut map = BTreeMap::new();
            for (key, item) in items {
                map.insert(key.clone(), value(item, inner)?);
            }
            Value::Map(map)
        }
        // The model writes an absent member of an enumeration as an empty list.
        (Type::Enum(_), Json::Array(_)) => Value::Text(String::new()),
        _ => return None,
    })
}
