//! A configuration close to what was written: every setting optional, with its origin.

use std::collections::BTreeMap;
use std::path::Path;

use bioxen_core::nearest;
use bioxen_text::{Entry, Node, Value};

use crate::file::Source;
use crate::model::{Kind, SETTINGS, Section, Setting};
use crate::origin::Origin;
use crate::parse::{Given, Refused, node_of_text, parse};
use crate::problem::{Problem, Problems, Severity};
use crate::surroundings::Surroundings;

/// What one layer, or several laid over each other, say.
///
/// Values are parsed and not yet compared with each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawConfig {
    given: BTreeMap<usize, (Given, Origin)>,
    /// Where each section begins.
    pub(crate) sections: BTreeMap<Section, Origin>,
    /// Names that no setting has; each was reported.
    unknown: Vec<String>,
    /// Settings whose value was refused; each was reported.
    refused: std::collections::BTreeSet<usize>,
}

impl RawConfig {
    /// The value of a setting and where it comes from.
    pub fn get(&self, setting: &Setting) -> Option<(&Given, &Origin)> {
        let (given, origin) = self.given.get(&index(setting)?)?;
        Some((given, origin))
    }

    /// All settings that are given, in the order of documents.
    pub fn given(&self) -> impl Iterator<Item = (&'static Setting, &Given, &Origin)> {
        self.given
            .iter()
            .filter_map(|(n, (given, origin))| Some((SETTINGS.get(*n)?, given, origin)))
    }

    /// Names in the text that no setting has.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Lays another one over this one, setting by setting; says whether any value changed.
    pub fn overlay(&mut self, over: Self) -> bool {
        let mut changed = false;
        for (n, (given, origin)) in over.given {
            let before = self.given.get(&n).map(|(given, _)| given);
            changed |= before != Some(&given);
            self.given.insert(n, (given, origin));
        }
        for (section, origin) in over.sections {
            self.sections.entry(section).or_insert(origin);
        }
        self.unknown.extend(over.unknown);
        self.refused.extend(over.refused);
        changed
    }

    pub(crate) fn set(&mut self, setting: &Setting, given: Given, origin: Origin) {
        if let Some(n) = index(setting) {
            self.given.insert(n, (given, origin));
        }
    }

    /// Whether it stands there with a value that was refused.
    pub(crate) fn is_refused(&self, setting: &Setting) -> bool {
        index(setting).is_some_and(|n| self.refused.contains(&n))
    }

    pub(crate) fn find(&self, section: Section, name: &str) -> Option<(&Given, &Origin)> {
        self.get(Setting::find(section, name)?)
    }

    /// What a file says; problems of single values are noted.
    pub(crate) fn of_file(
        source: &Source,
        surroundings: &Surroundings,
        problems: &mut Problems,
    ) -> Self {
        let mut reading = Reading {
            source,
            surroundings,
            problems,
            raw: Self::default(),
        };
        reading.top();
        reading.raw
    }

    /// What a text in a variable or flag says about a setting.
    pub(crate) fn put_text(
        &mut self,
        setting: &Setting,
        text: &str,
        origin: Origin,
        surroundings: &Surroundings,
        problems: &mut Problems,
    ) {
        if setting.kind == Kind::Secret {
            let problem = Problem::new(
                Severity::Error,
                origin,
                "a password is not taken from a variable or flag, where other processes may see it",
            )
            .field(setting)
            .advise("use password_file, password_env or password_command");
            return problems.add(problem);
        }
        let node = node_of_text(setting.kind, text);
        let folder: &Path = &surroundings.working_folder;
        match parse(setting, &node, folder, surroundings) {
            Ok(given) => self.set(setting, given, origin),
            Err(Refused { what, hint, .. }) => {
                let mut problem = Problem::new(Severity::Error, origin, what).field(setting);
                problem.hint = hint;
                problems.add(problem);
            }
        }
    }
}

fn index(setting: &Setting) -> Option<usize> {
    SETTINGS
        .iter()
        .position(|one| one.section == setting.section && one.name == setting.name)
}

/// The setting that a name in a section means, or what to say about the name.
pub(crate) fn find(section: Section, name: &str) -> Result<&'static Setting, Option<String>> {
    if let Some(setting) = Setting::find(section, name) {
        return Ok(setting);
    }
    let elsewhere = SETTINGS.iter().find(|setting| setting.name == name);
    if let Some(setting) = elsewhere {
        return Err(Some(match setting.section {
            Section::Top => format!("{name} stands beside the sections"),
            section => format!("{name} belongs in {}", section.name()),
        }));
    }
    let names: Vec<&str> = section.settings().map(|setting| setting.name).collect();
    Err(Some(match nearest(name, &names) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("allowed are {}", names.join(", ")),
    }))
}

struct Reading<'a> {
    source: &'a Source,
    surroundings: &'a Surroundings,
    problems: &'a mut Problems,
    raw: RawConfig,
}

impl Reading<'_> {
    fn top(&mut self) {
        let tree = &self.source.tree;
        if !matches!(tree.value, Value::Map(_)) {
            let what = format!(
                "found {}, allowed is a map of sections such as resource_limits",
                tree.value.shown()
            );
            return self.error(tree, "", what, None);
        }
        for entry in tree.entries() {
            let section = Section::ALL
                .into_iter()
                .find(|section| section.name() == entry.key);
            match section {
                Some(section) => self.section(section, entry),
                None => self.setting(Section::Top, entry),
            }
        }
    }

    fn section(&mut self, section: Section, entry: &Entry) {
        let origin = self.source.origin(entry.place);
        self.raw.sections.insert(section, origin);
        match &entry.value.value {
            // A section whose settings are all commented out.
            Value::Nothing => {}
            Value::Map(entries) => {
                for entry in entries {
                    self.setting(section, entry);
                }
            }
            other => {
                let names: Vec<&str> = section.settings().map(|setting| setting.name).collect();
                let what = format!(
                    "found {}, allowed is a map with {}",
                    other.shown(),
                    names.join(", ")
                );
                self.error(&entry.value, section.name(), what, None);
            }
        }
    }

    fn setting(&mut self, section: Section, entry: &Entry) {
        let setting = match find(section, &entry.key) {
            Ok(setting) => setting,
            Err(hint) => return self.unknown(section, entry, hint),
        };
        let folder = self.source.folder(&self.surroundings.working_folder);
        match parse(setting, &entry.value, &folder, self.surroundings) {
            Ok(given) => {
                let origin = self.source.origin(entry.value.place);
                self.raw.set(setting, given, origin);
            }
            Err(Refused { what, hint, item }) => {
                self.raw.refused.extend(index(setting));
                let items = match &entry.value.value {
                    Value::List(items) => items.as_slice(),
                    _ => &[],
                };
                let field = setting.to_string();
                match item.and_then(|n| Some((n, items.get(n)?))) {
                    Some((n, item)) => self.error(item, &format!("{field}[{n}]"), what, hint),
                    None => self.error(&entry.value, &field, what, hint),
                }
            }
        }
    }

    fn unknown(&mut self, section: Section, entry: &Entry, hint: Option<String>) {
        let mut hint = hint;
        let (what, field) = match section {
            Section::Top => {
                let names: Vec<&str> = Section::ALL.iter().map(|section| section.name()).collect();
                if let Some(meant) = nearest(&entry.key, &names) {
                    hint = Some(format!("did you mean {meant}?"));
                } else if !SETTINGS.iter().any(|setting| setting.name == entry.key) {
                    let allowed = names.join(", ");
                    hint = Some(format!("allowed are {allowed}, organism and vm_type"));
                }
                ("there is no such section", entry.key.clone())
            }
            section => (
                "there is no such setting",
                format!("{}.{}", section.name(), entry.key),
            ),
        };
        let field = bioxen_text::shortened(&field).escape_debug().to_string();
        self.raw.unknown.push(field.clone());
        let place = entry.place;
        let origin = self.source.origin(place);
        let mut problem = Problem::new(Severity::Error, origin, what).field(field);
        problem.hint = hint;
        self.problems.add(problem);
    }

    fn error(&mut self, node: &Node, field: &str, what: String, hint: Option<String>) {
        let origin = self.source.origin(node.place);
        let mut problem = Problem::new(Severity::Error, origin, what).field(field);
        problem.hint = hint;
        self.problems.add(problem);
    }
}
