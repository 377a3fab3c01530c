//! The typed configuration: what the rest of the program sees.

use std::path::PathBuf;

use bioxen_core::{AtpPercent, Organism, PaceFactor, Pacing, RibosomeCount, SimSpan};

use crate::model::{Section, VmType};
use crate::parse::{Given, Interval, Size, Url};
use crate::raw::RawConfig;
use crate::secret::PasswordSource;

/// A configuration in which every value was checked.
///
/// What nobody gave is as if there were no configuration at all.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// The organism that it is for; `None` if it is for any.
    pub organism: Option<Organism>,
    /// What its VMs run on; `None` if that is left open.
    pub vm_type: Option<VmType>,
    /// Maxima of each VM.
    pub resource_limits: ResourceLimits,
    /// What the cells do.
    pub biological_settings: BiologicalSettings,
    /// Observing and tuning.
    pub performance: Performance,
    /// The XCP-ng host; there if the VM type is xcpng, or is left open and the section is complete.
    pub xcpng_config: Option<XcpngConfig>,
    /// The host of local VMs.
    pub hypervisor: HypervisorSettings,
    /// Biological packages.
    pub packages: Packages,
}

/// Maxima of each VM. What is `None` binds nothing: the chassis alone does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceLimits {
    /// Most ATP, percent of the regeneration of the cell.
    pub max_atp: Option<AtpPercent>,
    /// Most ribosome units.
    pub max_ribosomes: Option<RibosomeCount>,
    /// Most memory: state of the cell, recorded history, and process code.
    pub memory_limit: Option<Size>,
}

/// What the cells of an organism do. Those of other organisms have their default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BiologicalSettings {
    /// syn3a: recommendations about the genome.
    pub genome_optimization: bool,
    /// syn3a: packages that add genes are refused.
    pub minimal_mode: bool,
    /// syn3a: nonessential genes are silent from birth.
    pub essential_genes_only: bool,
    /// E. coli: operons may be switched by hand; always true.
    pub operon_management: bool,
    /// E. coli: plasmids may be installed.
    pub plasmid_support: bool,
    /// E. coli: allocations follow the growth phase.
    pub growth_optimization: bool,
    /// Minimal cell: only genes of the four basic functions run; always true.
    pub basic_functions_only: bool,
    /// Minimal cell: each basic function is checked at the start and in the summary.
    pub function_validation: bool,
    /// Minimal cell: warnings are errors.
    pub strict_mode: bool,
}

/// Observing and tuning of VMs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Performance {
    /// Whether VMs are observed.
    pub enable_monitoring: bool,
    /// Time between two looks; `None` leaves it to the reader, who takes 30 s.
    pub optimization_interval: Option<Interval>,
}

/// The XCP-ng host of remote VMs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct XcpngConfig {
    /// Address of the XAPI.
    pub xapi_url: Url,
    /// User of the XAPI.
    pub username: String,
    /// Where the password of the user comes from.
    pub password: PasswordSource,
    /// User of the guests.
    pub ssh_user: String,
    /// Template that guests are cloned from.
    pub template_name: Option<String>,
    /// Private key of the user of the guests.
    pub ssh_key_path: Option<PathBuf>,
    /// Memory of a guest.
    pub vm_memory: Option<Size>,
    /// Virtual processors of a guest.
    pub vm_vcpus: Option<u32>,
    /// Port of the SSH servers of guests.
    pub ssh_port: Option<u16>,
    /// Whether new guests have host keys of their own.
    pub own_host_keys: bool,
    /// Public host keys of guests, a line each.
    pub ssh_host_keys: Vec<String>,
    /// Ranges of addresses of guests.
    pub guest_networks: Vec<String>,
    /// Program of the agent that is brought to guests.
    pub agent_path: Option<PathBuf>,
    /// SHA-256 of the certificates that are trusted, hexadecimal in lower case.
    pub tls_pins: Vec<String>,
    /// Certificates of authorities that are trusted.
    pub tls_ca_file: Option<PathBuf>,
    /// Whether no certificate is looked at.
    pub tls_insecure: bool,
    /// Storage for the disks of guests.
    pub storage_repository: Option<String>,
    /// Network of guests.
    pub network: Option<String>,
    /// Host on which guests start.
    pub host: Option<String>,
    /// Longest time for an answer of the XAPI.
    pub request_timeout: Option<Interval>,
    /// Longest time from the start of a guest to its readiness.
    pub start_timeout: Option<Interval>,
}

/// The host that computes cells. What is `None` has the default of the hypervisor.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct HypervisorSettings {
    /// Ribosome units of the chassis, before overhead.
    pub ribosome_units: Option<RibosomeCount>,
    /// Part of the units that the host keeps, percent, 0 to 100.
    pub overhead_percent: Option<u8>,
    /// Most VMs.
    pub max_vms: Option<u32>,
    /// Whether what the cells hold adds up.
    pub shared: Option<bool>,
    /// Threads that compute cells.
    pub workers: Option<u32>,
    /// Simulated time that a cell is moved before another gets its turn.
    pub slice: Option<SimSpan>,
    /// How VMs advance by themselves.
    pub pacing: Option<Pacing>,
    /// Folder for what the hypervisor keeps.
    pub state_folder: Option<PathBuf>,
}

/// Biological packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packages {
    /// Folders with packages, in the order of search.
    pub folders: Vec<PathBuf>,
    /// Packages that each new VM is given: names, or paths of folders, which have a slash.
    pub install: Vec<String>,
}

/// Reads values of one section out of what was given; each has the kind of its setting.
struct Part<'a>(&'a RawConfig, Section);

macro_rules! reader {
    ($name:ident, $variant:ident, $type:ty) => {
        fn $name(&self, name: &str) -> Option<$type> {
            match self.0.find(self.1, name)? {
                (Given::$variant(value), _) => Some(value.clone()),
                _ => None,
            }
        }
    };
}

impl Part<'_> {
    reader!(percent, Percent, AtpPercent);
    reader!(whole, Whole, u32);
    reader!(factor, Factor, PaceFactor);
    reader!(size, Size, Size);
    reader!(interval, Interval, Interval);
    reader!(simulated, Simulated, SimSpan);
    reader!(truth, Truth, bool);
    reader!(text, Text, String);
    reader!(url, Url, Url);
    reader!(path, Path, PathBuf);
    reader!(secret, Secret, bioxen_core::Secret);
    reader!(texts, Texts, Vec<String>);
    reader!(paths, Paths, Vec<PathBuf>);
}

impl Config {
    /// What was given, with the defaults for the rest.
    pub(crate) fn of(raw: &RawConfig) -> Self {
        let from = |section| Part(raw, section);
        let top = from(Section::Top);
        let vm_type = top.text("vm_type").and_then(|word| word.parse().ok());
        let limits = from(Section::ResourceLimits);
        let performance = from(Section::Performance);
        let packages = from(Section::Packages);
        Self {
            organism: top.text("organism").and_then(|word| word.parse().ok()),
            vm_type,
            resource_limits: ResourceLimits {
                max_atp: limits.percent("max_atp"),
                max_ribosomes: limits.whole("max_ribosomes").map(RibosomeCount::new),
                memory_limit: limits.size("memory_limit"),
            },
            biological_settings: biological(&from(Section::BiologicalSettings)),
            performance: Performance {
                enable_monitoring: performance.truth("enable_monitoring").unwrap_or(false),
                optimization_interval: performance.interval("optimization_interval"),
            },
            xcpng_config: match vm_type {
                Some(VmType::Basic) => None,
                Some(VmType::Xcpng) | None => xcpng(&from(Section::XcpngConfig)),
            },
            hypervisor: hypervisor(&from(Section::Hypervisor)),
            packages: Packages {
                folders: packages.paths("folders").unwrap_or_default(),
                install: packages.texts("install").unwrap_or_default(),
            },
        }
    }
}

fn biological(from: &Part<'_>) -> BiologicalSettings {
    let or = |name, default| from.truth(name).unwrap_or(default);
    BiologicalSettings {
        genome_optimization: or("genome_optimization", false),
        minimal_mode: or("minimal_mode", false),
        essential_genes_only: or("essential_genes_only", false),
        operon_management: or("operon_management", true),
        plasmid_support: or("plasmid_support", true),
        growth_optimization: or("growth_optimization", false),
        basic_functions_only: or("basic_functions_only", true),
        function_validation: or("function_validation", false),
        strict_mode: or("strict_mode", false),
    }
}

fn xcpng(from: &Part<'_>) -> Option<XcpngConfig> {
    let password = from
        .secret("password")
        .map(PasswordSource::Literal)
        .or_else(|| from.path("password_file").map(PasswordSource::File))
        .or_else(|| from.text("password_env").map(PasswordSource::Variable))
        .or_else(|| from.texts("password_command").map(PasswordSource::Command))?;
    Some(XcpngConfig {
        xapi_url: from.url("xapi_url")?,
        username: from.text("username")?,
        password,
        ssh_user: from.text("ssh_user")?,
        template_name: from.text("template_name"),
        ssh_key_path: from.path("ssh_key_path"),
        vm_memory: from.size("vm_memory"),
        vm_vcpus: from.whole("vm_vcpus"),
        ssh_port: from
            .whole("ssh_port")
            .and_then(|port| u16::try_from(port).ok()),
        own_host_keys: from.text("guest_host_keys").as_deref() == Some("own"),
        ssh_host_keys: from.texts("ssh_host_keys").unwrap_or_default(),
        guest_networks: from.texts("guest_networks").unwrap_or_default(),
        agent_path: from.path("agent_path"),
        tls_pins: from.texts("tls_pins").unwrap_or_default(),
        tls_ca_file: from.path("tls_ca_file"),
        tls_insecure: from.truth("tls_insecure").unwrap_or_default(),
        storage_repository: from.text("storage_repository"),
        network: from.text("network"),
        host: from.text("host"),
        request_timeout: from.interval("request_timeout"),
        start_timeout: from.interval("start_timeout"),
    })
}

fn hypervisor(from: &Part<'_>) -> HypervisorSettings {
    let factor = from.factor("pace_factor");
    let real_time = |factor: Option<PaceFactor>| Pacing::RealTime {
        factor: factor.unwrap_or(PaceFactor::ONE),
    };
    let pacing = match from.text("pacing").as_deref() {
        Some("manual") => Some(Pacing::Manual),
        Some("unpaced") => Some(Pacing::Unpaced),
        Some(_) => Some(real_time(factor)),
        None => factor.map(|factor| real_time(Some(factor))),
    };
    HypervisorSettings {
        ribosome_units: from.whole("ribosome_units").map(RibosomeCount::new),
        overhead_percent: from
            .whole("overhead_percent")
            .and_then(|percent| u8::try_from(percent).ok()),
        max_vms: from.whole("max_vms"),
        shared: from.text("host_policy").map(|policy| policy == "shared"),
        workers: from.whole("workers"),
        slice: from.simulated("slice"),
        pacing,
        state_folder: from.path("state_folder"),
    }
}
