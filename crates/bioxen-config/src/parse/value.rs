//! From what stands in a file, a variable or a flag to a value of a kind.

use std::path::{Path, PathBuf};

use bioxen_core::{AtpPercent, PaceFactor, SimSpan, nearest};
use bioxen_text::{Format, Limits, Node, Value, shortened};

use super::{Interval, Size, Url};
use crate::model::{Kind, Setting};
use crate::surroundings::Surroundings;
use bioxen_core::Secret;

/// Longest text of a setting, characters.
const LONGEST: usize = 4096;

/// Most items of a list.
const MOST_ITEMS: usize = 100;

/// A value of a setting, parsed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Given {
    /// A percentage.
    Percent(AtpPercent),
    /// A whole number.
    Whole(u32),
    /// A factor of pacing.
    Factor(PaceFactor),
    /// An amount of memory.
    Size(Size),
    /// A time on the wall.
    Interval(Interval),
    /// Simulated time.
    Simulated(SimSpan),
    /// Yes or no.
    Truth(bool),
    /// Text, or one of a few words.
    Text(String),
    /// An address.
    Url(Url),
    /// A path, absolute.
    Path(PathBuf),
    /// A secret.
    Secret(Secret),
    /// Texts.
    Texts(Vec<String>),
    /// Paths, absolute.
    Paths(Vec<PathBuf>),
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) what: String,
    pub(crate) hint: Option<String>,
    /// The item of a list that it is about.
    pub(crate) item: Option<usize>,
}

impl Refused {
    fn new(found: &str, kind: Kind, hint: Option<String>) -> Self {
        Self {
            what: format!("found {found}, allowed is {}", allowed(kind)),
            hint,
            item: None,
        }
    }
}

/// The values of a kind, in words.
pub(crate) fn allowed(kind: Kind) -> String {
    match kind {
        Kind::Percent => "a number from 0 to 100 with at most two decimals".to_owned(),
        Kind::Whole { least, most } => format!("a whole number from {least} to {most}"),
        Kind::Factor => "a number above 0".to_owned(),
        Kind::Size { least } => {
            format!(
                "a size of at least {}, such as 512MB or 2GiB",
                Size::new(least)
            )
        }
        Kind::Interval => "a time such as 30s, 500ms or 5min, or a number of seconds".to_owned(),
        Kind::Simulated => {
            "a simulated time of at least 500ms, such as 10s, or a number of seconds".to_owned()
        }
        Kind::Truth => "true or false".to_owned(),
        Kind::True => "true".to_owned(),
        Kind::Word(words) => format!("one of {}", words.join(", ")),
        Kind::Text | Kind::Secret => "text on one line".to_owned(),
        Kind::Url => "an address such as https://xcp.example.org:443".to_owned(),
        Kind::Path | Kind::PrivateFile => "a path".to_owned(),
        Kind::Variable => "the name of a variable, such as XCP_PASSWORD".to_owned(),
        Kind::Command => "a list of a program and its arguments".to_owned(),
        Kind::Pins => "a list of SHA-256 fingerprints of 64 hexadecimal digits".to_owned(),
        Kind::Packages => "a list of names of packages, or of paths of their folders".to_owned(),
        Kind::Paths => "a list of paths".to_owned(),
        Kind::Texts => "a list of texts on one line".to_owned(),
    }
}

/// Parses what stands for a setting; relative paths begin in `folder`.
pub(crate) fn parse(
    setting: &Setting,
    node: &Node,
    folder: &Path,
    surroundings: &Surroundings,
) -> Result<Given, Refused> {
    let kind = setting.kind;
    let refuse = |hint: Option<String>| Refused::new(&found(node, kind), kind, hint);
    match (kind, &node.value) {
        (_, Value::Nothing) => Err(refuse(Some(
            "remove the line, or give it a value".to_owned(),
        ))),
        (Kind::Percent, value) => percent(value)
            .map(Given::Percent)
            .ok_or_else(|| refuse(unquoted(value, |text| text.parse::<AtpPercent>().is_ok()))),
        (Kind::Whole { least, most }, Value::Whole(n)) => u32::try_from(*n)
            .ok()
            .filter(|n| (least..=most).contains(n))
            .map(Given::Whole)
            .ok_or_else(|| refuse(None)),
        (Kind::Whole { .. }, Value::Real(n)) if n.fract() == 0.0 && n.abs() < 1e9 => {
            Err(refuse(Some(format!("write it without a point: {n}"))))
        }
        (Kind::Whole { .. }, value) => Err(refuse(unquoted(value, |text| {
            text.parse::<u32>().is_ok() && !text.starts_with('0')
        }))),
        (Kind::Factor, value) => value
            .number()
            .and_then(|n| PaceFactor::new(n).ok())
            .map(Given::Factor)
            .ok_or_else(|| refuse(unquoted(value, |text| text.parse::<f64>().is_ok()))),
        (Kind::Size { least }, Value::Text(text)) => match text.trim().parse::<Size>() {
            Ok(size) if size.bytes() >= least => Ok(Given::Size(size)),
            Ok(_) => Err(refuse(None)),
            Err(error) => Err(refuse(error.hint())),
        },
        (Kind::Size { .. }, Value::Whole(n)) => {
            Err(refuse(Some(format!("give the unit: {n}MB or {n}GB"))))
        }
        (Kind::Interval, Value::Text(text)) => text
            .trim()
            .parse()
            .map(Given::Interval)
            .map_err(|error: super::InvalidValue| refuse(error.hint())),
        (Kind::Interval, value) => seconds(value)
            .and_then(|millis| Interval::from_millis(millis).ok())
            .map(Given::Interval)
            .ok_or_else(|| refuse(None)),
        (Kind::Simulated, value) => simulated(value)
            .filter(|span| span.micros() >= 500_000)
            .map(Given::Simulated)
            .ok_or_else(|| refuse(None)),
        (Kind::Truth, Value::Truth(truth)) => Ok(Given::Truth(*truth)),
        (Kind::True, Value::Truth(true)) => Ok(Given::Truth(true)),
        (Kind::True, Value::Truth(false)) => Err(refuse(Some(must_be_true(setting)))),
        (Kind::Truth | Kind::True, value) => Err(refuse(truth_meant(value))),
        (Kind::Word(words), Value::Text(text)) => {
            let word = words.iter().find(|word| *word == text);
            word.map(|word| Given::Text((*word).to_owned()))
                .ok_or_else(|| {
                    refuse(nearest(text, words).map(|word| format!("did you mean {word}?")))
                })
        }
        (Kind::Text, Value::Text(text)) => line(text)
            .map(|text| Given::Text(text.to_owned()))
            .ok_or_else(|| refuse(None)),
        (Kind::Text, Value::Whole(_) | Value::Real(_) | Value::Truth(_)) => {
            Err(refuse(Some("put it in quotes".to_owned())))
        }
        (Kind::Secret, Value::Text(text)) => line(text)
            .map(|text| Given::Secret(Secret::new(text.to_owned())))
            .ok_or_else(|| refuse(None)),
        (Kind::Secret, _) => Err(refuse(Some("put it in quotes".to_owned()))),
        (Kind::Url, Value::Text(text)) if line(text).is_some() => {
            match text.trim().parse::<Url>() {
                Ok(url) => Ok(Given::Url(url)),
                Err(error) => Err(Refused {
                    what: error.to_string(),
                    hint: error.hint(),
                    item: None,
                }),
            }
        }
        (Kind::Path | Kind::PrivateFile, Value::Text(text)) => path(text, folder, surroundings)
            .map(Given::Path)
            .map_err(refuse),
        (Kind::Variable, Value::Text(text)) if is_variable(text) => Ok(Given::Text(text.clone())),
        (Kind::Variable, Value::Text(text)) => {
            let plain = text.trim_start_matches('$').trim_matches(['{', '}']);
            let meant = is_variable(plain).then(|| format!("did you mean {plain}?"));
            Err(refuse(meant))
        }
        (Kind::Command, Value::Text(text)) if line(text).is_some() => {
            let words: Vec<String> = text
                .split_whitespace()
                .map(|word| format!("{word:?}"))
                .collect();
            let hint = format!("no shell splits it: write [{}]", words.join(", "));
            Err(refuse(Some(shortened_to(&hint, 100))))
        }
        (
            Kind::Command | Kind::Pins | Kind::Packages | Kind::Paths | Kind::Texts,
            Value::List(items),
        ) => {
            if items.len() > MOST_ITEMS {
                let hint = format!("give {MOST_ITEMS} at most");
                return Err(refuse(Some(hint)));
            }
            if items.is_empty() && kind == Kind::Command {
                return Err(refuse(None));
            }
            list(kind, items, folder, surroundings)
        }
        (Kind::Pins | Kind::Packages | Kind::Paths | Kind::Texts, Value::Text(text)) => {
            let hint = format!("write a list: [{:?}]", shortened(text));
            Err(refuse(Some(hint)))
        }
        _ => Err(refuse(None)),
    }
}

/// What was found, or what sort of thing if it may be a secret.
fn found(node: &Node, kind: Kind) -> String {
    match (&node.value, kind) {
        (Value::Nothing, _) => "nothing".to_owned(),
        (Value::Text(text), _) if text.trim().is_empty() => "an empty text".to_owned(),
        (Value::Text(text), Kind::Secret) if line(text).is_none() => {
            "a text of several lines, or a long one".to_owned()
        }
        (Value::Text(text), Kind::Text) if line(text).is_none() => {
            "a text of several lines, or a long one".to_owned()
        }
        (_, Kind::Secret) => "something else".to_owned(),
        // A password may have been put into its place.
        (_, Kind::Variable) => "what is no name of one".to_owned(),
        (Value::Text(text), Kind::Url) if text.contains('@') => {
            "an address with a user in it".to_owned()
        }
        (value, _) => value.shown(),
    }
}

/// Why false is refused.
fn must_be_true(setting: &Setting) -> String {
    let who = setting
        .organism
        .map_or("it", bioxen_core::Organism::display_name);
    format!(
        "{who} requires {}: set it to true, or remove it",
        setting.name
    )
}

/// Advice for a number that stands in quotes.
fn unquoted(value: &Value, fits: fn(&str) -> bool) -> Option<String> {
    match value {
        Value::Text(text) if fits(text) => Some("remove the quotes".to_owned()),
        _ => None,
    }
}

/// Advice for the words that other readers take for true and false.
fn truth_meant(value: &Value) -> Option<String> {
    let Value::Text(text) = value else {
        return None;
    };
    let meant = match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => "true",
        "no" | "off" | "n" | "false" => "false",
        _ => return None,
    };
    Some(format!("write {meant}"))
}

fn percent(value: &Value) -> Option<AtpPercent> {
    match value {
        // "70%" has a unit and is no mistake.
        Value::Text(text) => text.ends_with('%').then(|| text.parse().ok()).flatten(),
        value => AtpPercent::new(value.number()?).ok(),
    }
}

/// Milliseconds of a bare number of seconds.
fn seconds(value: &Value) -> Option<u64> {
    let text = match value {
        Value::Whole(n) => n.to_string(),
        Value::Real(n) => n.to_string(),
        _ => return None,
    };
    let span: SimSpan = format!("{text}s").parse().ok()?;
    span.micros()
        .is_multiple_of(1_000)
        .then(|| span.micros() / 1_000)
}

fn simulated(value: &Value) -> Option<SimSpan> {
    match value {
        Value::Text(text) => text.trim().parse().ok(),
        Value::Whole(n) => format!("{n}s").parse().ok(),
        Value::Real(n) => format!("{n}s").parse().ok(),
        _ => None,
    }
}

/// Text on one line, without the blanks around it.
fn line(text: &str) -> Option<&str> {
    let text = text.trim();
    let sound = !text.is_empty() && !text.chars().any(char::is_control);
    (sound && text.chars().count() <= LONGEST).then_some(text)
}

fn is_variable(text: &str) -> bool {
    text.len() <= 256
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn path(text: &str, folder: &Path, surroundings: &Surroundings) -> Result<PathBuf, Option<String>> {
    let text = line(text).ok_or(None)?;
    if text.starts_with('~') && !text.starts_with("~/") && text != "~" {
        return Err(Some("write the folder of another user out".to_owned()));
    }
    let no_home = || Some("there is no home folder: HOME is not set".to_owned());
    surroundings.path(text, folder).ok_or_else(no_home)
}

fn list(
    kind: Kind,
    items: &[Node],
    folder: &Path,
    surroundings: &Surroundings,
) -> Result<Given, Refused> {
    let mut texts: Vec<String> = Vec::new();
    let mut paths = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let refuse = |allowed: &str, hint: Option<String>| Refused {
            what: format!("found {}, allowed is {allowed}", item.value.shown()),
            hint,
            item: Some(number),
        };
        let Value::Text(text) = &item.value else {
            let quotes = matches!(
                item.value,
                Value::Whole(_) | Value::Real(_) | Value::Truth(_)
            );
            let hint = quotes.then(|| "put it in quotes".to_owned());
            return Err(refuse("text on one line", hint));
        };
        // An argument may be anything, also empty.
        let text = match (kind, line(text)) {
            (Kind::Command, _) if number > 0 && !text.contains('\0') => text.as_str(),
            (_, Some(text)) => text,
            _ => return Err(refuse("text on one line", None)),
        };
        let text = match kind {
            Kind::Pins => pin(text).ok_or_else(|| {
                refuse(
                    "64 hexadecimal digits, with or without colons between",
                    None,
                )
            })?,
            _ => text.to_owned(),
        };
        let text = match kind {
            Kind::Paths => {
                let path = path(&text, folder, surroundings);
                paths.push(path.map_err(|hint| refuse("a path", hint))?);
                text
            }
            // A name stays one; what has a slash is a path, which may be relative.
            Kind::Packages if text.contains('/') => path(&text, folder, surroundings)
                .map_err(|hint| refuse("a path", hint))?
                .display()
                .to_string(),
            _ => text,
        };
        if kind != Kind::Command && texts.contains(&text) {
            return Err(refuse(
                "each item once",
                Some("remove one of them".to_owned()),
            ));
        }
        texts.push(text);
    }
    Ok(match kind {
        Kind::Paths => Given::Paths(paths),
        _ => Given::Texts(texts),
    })
}

/// A fingerprint in lower case, without colons.
fn pin(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != ':').collect();
    let sound = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    sound.then(|| digits.to_ascii_lowercase())
}

fn shortened_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What stands in a variable or a flag, as a file would say it.
///
/// Words and numbers are what they are for the kind; lists are written as in JSON.
pub(crate) fn node_of_text(kind: Kind, text: &str) -> Node {
    let quoted = || Value::Text(text.to_owned());
    let value = match kind {
        Kind::Percent | Kind::Whole { .. } | Kind::Factor | Kind::Interval | Kind::Simulated => {
            match (text.trim().parse::<i128>(), text.trim().parse::<f64>()) {
                (Ok(whole), _) => Value::Whole(whole),
                (_, Ok(real)) => Value::Real(real),
                _ => quoted(),
            }
        }
        Kind::Truth | Kind::True => match text.trim() {
            "true" => Value::Truth(true),
            "false" => Value::Truth(false),
            _ => quoted(),
        },
        Kind::Command | Kind::Pins | Kind::Packages | Kind::Paths | Kind::Texts => {
            let list = bioxen_text::read(text.as_bytes(), Format::Json, &Limits::default());
            return list.unwrap_or_else(|_| Node::new(quoted()));
        }
        _ => quoted(),
    };
    Node::new(value)
}

/// A value as a file says it; a secret is stars.
pub(crate) fn text_of(given: &Given) -> Node {
    let texts = |texts: Vec<String>| {
        let items = texts.into_iter().map(|text| Node::new(Value::Text(text)));
        Value::List(items.collect())
    };
    let shown = |path: &PathBuf| path.display().to_string();
    Node::new(match given {
        Given::Percent(share) => match share.percent() {
            whole if whole.fract() == 0.0 => Value::Whole(i128::from(share.hundredths() / 100)),
            real => Value::Real(real),
        },
        Given::Whole(n) => Value::Whole(i128::from(*n)),
        Given::Factor(factor) => Value::Real(factor.get()),
        Given::Size(size) => Value::Text(size.to_string()),
        Given::Interval(interval) => Value::Text(interval.to_string()),
        Given::Simulated(span) => Value::Text(span.to_string()),
        Given::Truth(truth) => Value::Truth(*truth),
        Given::Text(text) => Value::Text(text.clone()),
        Given::Url(url) => Value::Text(url.to_string()),
        Given::Path(path) => Value::Text(shown(path)),
        Given::Secret(_) => Value::Text("***".to_owned()),
        Given::Texts(list) => texts(list.clone()),
        Given::Paths(list) => texts(list.iter().map(shown).collect()),
    })
}
