//! What can be configured: one table, from which parsing, hints, template, schema and reference all come.

mod settings;

use std::fmt;

use bioxen_core::{Organism, nearest};

use crate::parse::InvalidValue;

pub use settings::SETTINGS;

/// A part of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// What stands beside the sections.
    Top,
    /// Maxima of each VM.
    ResourceLimits,
    /// What the cells of an organism do.
    BiologicalSettings,
    /// Observing and tuning.
    Performance,
    /// The XCP-ng host of remote VMs.
    XcpngConfig,
    /// The host of local VMs.
    Hypervisor,
    /// Biological packages.
    Packages,
}

impl Section {
    /// All sections that have a name, in the order of documents.
    pub const ALL: [Self; 6] = [
        Self::ResourceLimits,
        Self::BiologicalSettings,
        Self::Performance,
        Self::XcpngConfig,
        Self::Hypervisor,
        Self::Packages,
    ];

    /// Its name in a file; empty for what stands beside the sections.
    pub fn name(self) -> &'static str {
        match self {
            Self::Top => "",
            Self::ResourceLimits => "resource_limits",
            Self::BiologicalSettings => "biological_settings",
            Self::Performance => "performance",
            Self::XcpngConfig => "xcpng_config",
            Self::Hypervisor => "hypervisor",
            Self::Packages => "packages",
        }
    }

    /// What it is about, in one sentence.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Top => "What the file is for.",
            Self::ResourceLimits => "The most that a VM may hold.",
            Self::BiologicalSettings => "What the cells of an organism do.",
            Self::Performance => "Observing and tuning of VMs.",
            Self::XcpngConfig => "The XCP-ng host of VMs of the type xcpng.",
            Self::Hypervisor => "The host that computes the cells.",
            Self::Packages => "Biological packages: where they are, and which of them new VMs get.",
        }
    }

    /// Its settings, in the order of documents.
    pub fn settings(self) -> impl Iterator<Item = &'static Setting> {
        SETTINGS
            .iter()
            .filter(move |setting| setting.section == self)
    }
}

/// What a VM runs on, as far as a configuration knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VmType {
    /// The process that asks for it.
    Basic,
    /// A virtual machine of an XCP-ng host.
    Xcpng,
}

impl VmType {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Basic, Self::Xcpng];

    /// Its name in a file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Xcpng => "xcpng",
        }
    }
}

impl fmt::Display for VmType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for VmType {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let names = Self::ALL.map(Self::as_str);
        let found = Self::ALL.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| {
            let hint = nearest(text, &names).map(|word| format!("did you mean {word}?"));
            InvalidValue::new(text, "basic or xcpng", hint)
        })
    }
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// 0 to 100, with at most two decimals.
    Percent,
    /// A whole number in a range.
    Whole {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// A finite number above 0.
    Factor,
    /// A [`Size`](crate::Size) of at least so many bytes.
    Size {
        /// The least, bytes.
        least: u64,
    },
    /// An [`Interval`](crate::Interval) on the wall; a bare number counts seconds.
    Interval,
    /// Simulated time; a bare number counts seconds.
    Simulated,
    /// True or false.
    Truth,
    /// True, and false is refused.
    True,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// Text on one line.
    Text,
    /// An address, `https://host:port`.
    Url,
    /// A path.
    Path,
    /// The path of a file that only its owner may read.
    PrivateFile,
    /// Text that is shown to nobody.
    Secret,
    /// The name of a variable of the environment.
    Variable,
    /// A program and its arguments.
    Command,
    /// Fingerprints of certificates, SHA-256 in hexadecimal.
    Pins,
    /// Names of packages, or paths of their folders, none twice.
    Packages,
    /// Paths, none twice.
    Paths,
    /// Texts on one line each, none twice.
    Texts,
}

/// Whether a setting must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may be left out.
    Optional,
    /// It should be there: a warning tells if it is not.
    Recommended,
    /// It must be there where its section is used.
    Required,
}

/// One setting: the one place where its name, values, default and meaning stand.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// The part that it stands in.
    pub section: Section,
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// What it does; whole sentences.
    pub doc: &'static str,
    /// What holds if it is not given, in words.
    pub default: &'static str,
    /// The value that the templates of syn3a, ecoli and minimal_cell have, as YAML; empty if they have none.
    pub recommended: [&'static str; 3],
    /// The organism that it has a meaning for; all if `None`.
    pub organism: Option<Organism>,
    /// Whether it must be there.
    pub need: Need,
}

impl Setting {
    const fn new(section: Section, name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self {
            section,
            name,
            kind,
            doc,
            default: "",
            recommended: ["", "", ""],
            organism: None,
            need: Need::Optional,
        }
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    const fn recommend(mut self, by_organism: [&'static str; 3]) -> Self {
        self.recommended = by_organism;
        self
    }

    const fn only(mut self, organism: Organism) -> Self {
        self.organism = Some(organism);
        self
    }

    const fn need(mut self, need: Need) -> Self {
        self.need = need;
        self
    }

    /// The setting with this name in a section.
    ///
    /// ```
    /// use bioxen_config::{Section, Setting};
    ///
    /// let setting = Setting::find(Section::ResourceLimits, "max_atp").expect("it is in the table");
    /// assert_eq!(setting.to_string(), "resource_limits.max_atp");
    /// ```
    pub fn find(section: Section, name: &str) -> Option<&'static Self> {
        section.settings().find(|setting| setting.name == name)
    }

    /// The value that a template of this organism has, as YAML.
    pub fn recommended_for(&self, organism: Organism) -> Option<&'static str> {
        let place = Organism::ALL.iter().position(|one| *one == organism)?;
        let value = self.recommended.get(place)?;
        (!value.is_empty()).then_some(*value)
    }

    /// The variable that overrides it.
    pub fn variable(&self) -> Option<String> {
        let section = self.section.name();
        let name = format!("BIOXEN_{section}__{}", self.name).to_ascii_uppercase();
        (self.section != Section::Top).then_some(name)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.section.name() {
            "" => f.write_str(self.name),
            section => write!(f, "{section}.{}", self.name),
        }
    }
}
