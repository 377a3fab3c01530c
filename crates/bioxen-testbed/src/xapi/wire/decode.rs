//! What a caller wrote to what the model wants.

use std::collections::BTreeMap;

use super::Arg;
use crate::xapi::failure::Failure;
use crate::xapi::model::{Class, Constructor, Model, Type};
use crate::xapi::value::Value;

/// Reads an argument as a value of a type, as strictly and as leniently as the server.
///
/// # Errors
///
/// The server has no error of its own for a wrong type: it is an internal error with a text.
pub(crate) fn decode(arg: &Arg, kind: &Type, model: &Model) -> Result<Value, Failure> {
    Ok(match (kind, arg) {
        (Type::Text | Type::Ref | Type::Void | Type::Other, Arg::Text(text)) => {
            Value::Text(text.clone())
        }
        (Type::Enum(name), Arg::Text(text)) => {
            let known = model.enumeration(name).unwrap_or(&[]);
            // Members are matched whatever their case, and kept as the model writes them.
            match known
                .iter()
                .find(|member| member.eq_ignore_ascii_case(text))
            {
                Some(member) => Value::Text(member.clone()),
                None => {
                    return Err(Failure::internal(format!(
                        "Failure(\"Unable to parse {text} as enum {name}\")"
                    )));
                }
            }
        }
        (Type::Int, Arg::Int(number)) => Value::Int(*number),
        (Type::Int, Arg::Text(text)) => match text.parse() {
            Ok(number) => Value::Int(number),
            Err(_) => return Err(Failure::internal("Failure(\"Int64.of_string\")")),
        },
        (Type::Float, Arg::Double(number)) => Value::Double(*number),
        (Type::Float, Arg::Int(number)) => decode_float(&number.to_string())?,
        (Type::Float, Arg::Text(text)) => decode_float(text)?,
        (Type::Bool, Arg::Bool(flag)) => Value::Bool(*flag),
        (Type::Date, Arg::Date(text) | Arg::Text(text)) => Value::Date(text.clone()),
        (Type::Set(inner), Arg::Array(items)) => {
            let items: Result<Vec<Value>, Failure> = items
                .iter()
                .map(|item| decode(item, inner, model))
                .collect();
            Value::Set(items?)
        }
        (Type::Map(key, inner), Arg::Struct(members)) => {
            let mut map = BTreeMap::new();
            for (name, item) in members {
                let name = decode(&Arg::Text(name.clone()), key, model)?;
                let name = match name {
                    Value::Int(number) => number.to_string(),
                    other => other.as_text().to_owned(),
                };
                map.insert(name, decode(item, inner, model)?);
            }
            Value::Map(map)
        }
        (Type::Record(class), Arg::Struct(_)) => match model.class(class) {
            Some(class) => decode_constructor(arg, class, model)?,
            None => return Err(Failure::internal(format!("no class {class}"))),
        },
        _ => {
            return Err(Failure::internal(format!(
                "Failure(\"Expected {}, got {}\")",
                kind.word(),
                arg.word()
            )));
        }
    })
}

/// Reads the record that a constructor takes: what it requires must be there, what it does not know is ignored.
fn decode_constructor(arg: &Arg, class: &Class, model: &Model) -> Result<Value, Failure> {
    let Arg::Struct(members) = arg else {
        return Err(Failure::internal(format!(
            "Failure(\"Expected dictionary, got {}\")",
            arg.word()
        )));
    };
    let mut map = BTreeMap::new();
    for field in &class.fields {
        if field.constructor == Constructor::Ignores {
            continue;
        }
        let given = members.iter().find(|(name, _)| *name == field.name);
        match (given, field.constructor) {
            (Some((_, item)), _) => {
                map.insert(field.name.clone(), decode(item, &field.kind, model)?);
            }
            (None, Constructor::Requires) => {
                return Err(Failure::internal(format!(
                    "Failure(\"Missing field {} in record {}\")",
                    field.name, class.name
                )));
            }
            (None, _) => {
                map.insert(field.name.clone(), field.default.clone());
            }
        }
    }
    Ok(Value::Map(map))
}

fn decode_float(text: &str) -> Result<Value, Failure> {
    match text.parse() {
        Ok(number) => Ok(Value::Double(number)),
        Err(_) => Err(Failure::internal("Failure(\"float_of_string\")")),
    }
}

impl Arg {
    fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Int(_) => "int",
            Self::Bool(_) => "bool",
            Self::Double(_) => "float",
            Self::Date(_) => "datetime",
            Self::Base64 => "base64",
            Self::Nil => "null",
            Self::Array(_) => "array",
            Self::Struct(_) => "dictionary",
        }
    }
}
