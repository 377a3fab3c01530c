//! A configuration as text again: what is in force, with or without where it comes from.

use bioxen_text::{Entry, Format, Node, Place, Value, write};

use crate::load::effective;
use crate::model::{Section, Setting};
use crate::origin::Origin;
use crate::parse::{Given, text_of};
use crate::raw::RawConfig;

/// A setting in force, as a person reads it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shown {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value in one line; what holds, in words, if nobody gave one; stars for a secret.
    pub value: String,
    /// Its value as JSON; `null` if nobody gave one, and a text of stars for a secret.
    pub json: String,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Every setting with its value and origin, in the order of documents.
pub fn show(raw: &RawConfig) -> Vec<Shown> {
    let shown = effective(raw).map(|(setting, given, origin)| Shown {
        setting,
        value: match given {
            Some(given) => on_one_line(given),
            None if setting.default.is_empty() => "not given".to_owned(),
            None => setting.default.to_owned(),
        },
        json: given.map_or_else(
            || "null".to_owned(),
            |given| write(&text_of(given), Format::Json).trim_end().to_owned(),
        ),
        origin,
    });
    shown.collect()
}

fn on_one_line(given: &Given) -> String {
    let items = |items: &[Node]| {
        let texts = items.iter().map(|item| item_text(&item.value));
        format!("[{}]", texts.collect::<Vec<_>>().join(", "))
    };
    match text_of(given).value {
        Value::List(list) => items(&list),
        value => item_text(&value),
    }
}

fn item_text(value: &Value) -> String {
    write(&Node::new(value.clone()), Format::Yaml)
        .trim_end()
        .to_owned()
}

/// What was given, as a file would say it; secrets are left out.
pub(crate) fn tree(raw: &RawConfig) -> Node {
    let entry = |key: &str, value: Node| Entry {
        key: key.to_owned(),
        place: Place::START,
        value,
    };
    let of = |section: Section| -> Vec<Entry> {
        let all = section.settings();
        all.filter_map(|setting| match raw.get(setting)? {
            (Given::Secret(_), _) => None,
            (given, _) => Some(entry(setting.name, text_of(given))),
        })
        .collect()
    };
    let mut entries = of(Section::Top);
    for section in Section::ALL {
        let settings = of(section);
        if !settings.is_empty() {
            entries.push(entry(section.name(), Node::new(Value::Map(settings))));
        }
    }
    Node::new(Value::Map(entries))
}

/// What was given as the text of a file that loads as the same; secrets are left out, and paths are absolute.
pub fn text(raw: &RawConfig, format: Format) -> String {
    write(&tree(raw), format)
}
