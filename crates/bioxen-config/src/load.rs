//! One load: files, environment and flags become a typed configuration, or every problem at once.

use std::fmt;
use std::path::PathBuf;

use bioxen_core::{Organism, nearest};

use crate::config::Config;
use crate::discover::{discover, overlay_of};
use crate::file::Source;
use crate::model::{SETTINGS, Section, Setting, VmType};
use crate::origin::Origin;
use crate::parse::Given;
use crate::problem::{ConfigErrors, Problem, Problems, Severity};
use crate::raw::{RawConfig, find};
use crate::surroundings::Surroundings;
use crate::validate::validate;

/// What to load.
#[derive(Clone)]
pub struct Request {
    /// Where the file is.
    pub file: FileChoice,
    /// The organism that is asked for; a file for another one is refused.
    pub organism: Option<Organism>,
    /// The VM type that is asked for; a file for another one is refused.
    pub vm_type: Option<VmType>,
    /// Whether warnings are errors.
    pub strict: bool,
    /// Settings from flags, `section.name` with their text; they win over all others.
    pub flags: Vec<(String, String)>,
    /// Folders and environment.
    pub surroundings: Surroundings,
}

impl fmt::Debug for Request {
    /// Shows flags by name alone: a person may have typed a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags: Vec<&String> = self.flags.iter().map(|(name, _)| name).collect();
        f.debug_struct("Request")
            .field("file", &self.file)
            .field("organism", &self.organism)
            .field("vm_type", &self.vm_type)
            .field("strict", &self.strict)
            .field("flags", &flags)
            .field("surroundings", &self.surroundings)
            .finish()
    }
}

/// Where the file of a configuration is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChoice {
    /// The first that is found in the usual places, or none.
    Discover,
    /// This one; no other is looked for.
    Path(PathBuf),
    /// There is none: environment and flags alone.
    None,
}

impl Request {
    /// A file that is looked for, nothing asked for, nothing from flags.
    pub fn new(surroundings: Surroundings) -> Self {
        Self {
            file: FileChoice::Discover,
            organism: None,
            vm_type: None,
            strict: false,
            flags: Vec::new(),
            surroundings,
        }
    }
}

/// A configuration that was loaded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Loaded {
    /// The typed configuration.
    pub config: Config,
    /// All values that were given, each with its origin.
    pub raw: RawConfig,
    /// Files that were read, each laid over the one before.
    pub files: Vec<PathBuf>,
    /// Warnings.
    pub problems: Problems,
}

/// Loads a configuration.
///
/// ```
/// use bioxen_config::{Request, Surroundings, load};
///
/// let mut here = Surroundings::nowhere();
/// here.environment.insert("BIOXEN_RESOURCE_LIMITS__MAX_ATP".into(), "55".into());
/// let loaded = load(&Request::new(here))?;
/// let most = loaded.config.resource_limits.max_atp.expect("it was given");
/// assert_eq!(most.percent(), 55.0);
/// # Ok::<(), bioxen_config::ConfigErrors>(())
/// ```
///
/// # Errors
///
/// [`ConfigErrors`] has everything that is wrong, each with place and cure.
pub fn load(request: &Request) -> Result<Loaded, ConfigErrors> {
    let mut problems = Problems::default();
    let mut sources = Vec::new();
    let mut raw = RawConfig::default();
    match file_of(request) {
        Ok(Some(path)) => {
            match read_layers(&path, request, &mut raw, &mut sources, &mut problems) {
                Ok(()) => {}
                Err(problem) => problems.add(*problem),
            }
        }
        Ok(None) => nothing_to_overlay(&request.surroundings, &mut problems),
        Err(problem) => problems.add(*problem),
    }
    if problems.errors() > 0 && sources.is_empty() {
        // Without its file everything else would be said to be missing.
        return Err(ConfigErrors::new(problems));
    }
    finish(request, raw, &sources, problems)
}

/// Checks text as if it were a file with this path; nothing is read, and no variable is looked at.
///
/// # Errors
///
/// [`ConfigErrors`] has everything that is wrong.
pub fn load_text(
    path: &std::path::Path,
    bytes: &[u8],
    request: &Request,
) -> Result<Loaded, ConfigErrors> {
    let mut problems = Problems::default();
    match Source::parse(path, bytes) {
        Ok(source) => {
            let raw = RawConfig::of_file(&source, &request.surroundings, &mut problems);
            finish(request, raw, &[source], problems)
        }
        Err(problem) => {
            problems.add(*problem);
            Err(ConfigErrors::new(problems))
        }
    }
}

/// An environment was named, and there is no file that its own is laid over.
fn nothing_to_overlay(surroundings: &Surroundings, problems: &mut Problems) {
    let name = "BIOXEN_ENV".to_owned();
    if surroundings.environment.contains_key(&name) {
        let what = "it has no effect: there is no configuration file";
        let problem = Problem::new(Severity::Warning, Origin::Variable(name), what);
        problems.add(problem.advise("make the file, or remove the variable"));
    }
}

fn file_of(request: &Request) -> Result<Option<PathBuf>, Box<Problem>> {
    match &request.file {
        FileChoice::None => Ok(None),
        FileChoice::Discover => discover(&request.surroundings),
        FileChoice::Path(path) => {
            let text = path.to_string_lossy();
            let surroundings = &request.surroundings;
            // A relative path is kept as it was written, so that messages show it so.
            if text.starts_with("~/") || text == "~" {
                let working_folder = &surroundings.working_folder;
                return Ok(surroundings.path(&text, working_folder));
            }
            Ok(Some(path.clone()))
        }
    }
}

fn read_layers(
    path: &std::path::Path,
    request: &Request,
    raw: &mut RawConfig,
    sources: &mut Vec<Source>,
    problems: &mut Problems,
) -> Result<(), Box<Problem>> {
    let surroundings = &request.surroundings;
    let source = Source::read(path)?;
    raw.overlay(RawConfig::of_file(&source, surroundings, problems));
    sources.push(source);
    if let Some(environment) = surroundings.environment.get("BIOXEN_ENV") {
        let over = overlay_of(path, environment)?;
        let source = Source::read(&over)?;
        let layer = RawConfig::of_file(&source, surroundings, problems);
        sources.push(source);
        if !raw.overlay(layer) {
            let origin = Origin::File {
                path: over,
                place: None,
            };
            let what = format!(
                "it changes nothing: every value is that of {}",
                path.display()
            );
            let problem = Problem::new(Severity::Warning, origin, what);
            problems.add(problem.advise("remove it, or the variable BIOXEN_ENV"));
        }
    }
    Ok(())
}

fn finish(
    request: &Request,
    mut raw: RawConfig,
    sources: &[Source],
    mut problems: Problems,
) -> Result<Loaded, ConfigErrors> {
    variables(&mut raw, &request.surroundings, &mut problems);
    flags(&mut raw, request, &mut problems);
    asked(&mut raw, request, &mut problems);
    validate(&raw, &mut problems);
    let config = Config::of(&raw);
    if request.strict || config.biological_settings.strict_mode {
        problems.make_strict();
    }
    problems.attach(sources);
    if problems.errors() > 0 {
        return Err(ConfigErrors::new(problems));
    }
    let files = sources.iter().map(|source| source.path.clone()).collect();
    Ok(Loaded {
        config,
        raw,
        files,
        problems,
    })
}

/// `BIOXEN_SECTION__NAME`.
fn variables(raw: &mut RawConfig, surroundings: &Surroundings, problems: &mut Problems) {
    for (name, text) in &surroundings.environment {
        let Some((section, setting)) = name
            .strip_prefix("BIOXEN_")
            .and_then(|rest| rest.split_once("__"))
        else {
            continue;
        };
        let origin = Origin::Variable(name.clone());
        match named(&section.to_ascii_lowercase(), &setting.to_ascii_lowercase()) {
            Ok(setting) => raw.put_text(setting, text, origin, surroundings, problems),
            Err((what, hint)) => {
                let mut problem = Problem::new(Severity::Error, origin, what);
                problem.hint = hint;
                problems.add(problem);
            }
        }
    }
}

fn flags(raw: &mut RawConfig, request: &Request, problems: &mut Problems) {
    for (name, text) in &request.flags {
        let origin = Origin::Flag(name.clone());
        let named = match name.split_once('.') {
            Some((section, setting)) => named(section, setting),
            None => find(Section::Top, name)
                .map_err(|hint| ("there is no such setting".to_owned(), hint)),
        };
        match named {
            Ok(setting) => raw.put_text(setting, text, origin, &request.surroundings, problems),
            Err((what, hint)) => {
                let mut problem = Problem::new(Severity::Error, origin, what);
                problem.hint = hint;
                problems.add(problem);
            }
        }
    }
}

/// The setting of a section by its name, or what to say.
fn named(section: &str, name: &str) -> Result<&'static Setting, (String, Option<String>)> {
    let known = Section::ALL.map(Section::name);
    let found = Section::ALL.into_iter().find(|one| one.name() == section);
    let Some(found) = found else {
        let hint = match nearest(section, &known) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("allowed are {}", known.join(", ")),
        };
        let section = bioxen_text::shortened(section);
        return Err((format!("there is no section {section:?}"), Some(hint)));
    };
    find(found, name).map_err(|hint| {
        let name = bioxen_text::shortened(name);
        (format!("{section} has no setting {name:?}"), hint)
    })
}

/// What the caller asked for wins where the file leaves it open, and must not differ from the file.
fn asked(raw: &mut RawConfig, request: &Request, problems: &mut Problems) {
    let wanted = [
        ("organism", request.organism.map(|one| one.to_string())),
        ("vm_type", request.vm_type.map(|one| one.to_string())),
    ];
    for (name, wanted) in wanted {
        let (Some(wanted), Some(setting)) = (wanted, Setting::find(Section::Top, name)) else {
            continue;
        };
        if let Some((Given::Text(found), origin)) = raw.get(setting)
            && *found != wanted
        {
            let what = format!("found {found}, and {wanted} is asked for");
            let problem = Problem::new(Severity::Error, origin.clone(), what)
                .field(name)
                .advise(format!(
                    "use a file for {wanted}, or remove {name} from this one"
                ));
            problems.add(problem);
            continue;
        }
        let origin = Origin::Flag(name.to_owned());
        raw.set(setting, Given::Text(wanted), origin);
    }
}

/// Every setting with its value and origin, in the order of documents; `None` where nobody gave one.
pub fn effective(
    raw: &RawConfig,
) -> impl Iterator<Item = (&'static Setting, Option<&Given>, Origin)> {
    SETTINGS.iter().map(|setting| match raw.get(setting) {
        Some((given, origin)) => (setting, Some(given), origin.clone()),
        None => (setting, None, Origin::Default),
    })
}
