//! What values say about each other, about the organism and about the machine.

use std::fs;
use std::path::Path;

use bioxen_core::Organism;

use crate::model::{Kind, Need, Section, Setting};
use crate::origin::Origin;
use crate::parse::Given;
use crate::private;
use crate::problem::{Problem, Problems, Severity};
use crate::raw::RawConfig;

const PASSWORDS: [&str; 4] = [
    "password",
    "password_file",
    "password_env",
    "password_command",
];

/// Notes everything that is wrong between values that are right by themselves.
pub(crate) fn validate(raw: &RawConfig, problems: &mut Problems) {
    let word = |name| match raw.find(Section::Top, name) {
        Some((Given::Text(word), _)) => Some(word.as_str()),
        _ => None,
    };
    let organism = word("organism").and_then(|word| word.parse::<Organism>().ok());
    let vm_type = word("vm_type");
    organism_rules(raw, organism, problems);
    limits(raw, organism, problems);
    let remote = raw.sections.get(&Section::XcpngConfig);
    let given = raw
        .given()
        .find(|(setting, ..)| setting.section == Section::XcpngConfig);
    match vm_type {
        Some("basic") => {
            if let Some(origin) = remote.or(given.map(|(_, _, origin)| origin)) {
                let problem = Problem::new(
                    Severity::Error,
                    origin.clone(),
                    "it has no meaning for VMs of the type basic",
                );
                let hint = "remove the section, or ask for the type xcpng";
                problems.add(problem.field("xcpng_config").advise(hint));
            }
        }
        Some(_) => xcpng(raw, true, problems),
        None if remote.is_some() || given.is_some() => xcpng(raw, false, problems),
        None => {}
    }
    pacing(raw, problems);
    for (setting, given, origin) in raw.given() {
        match (setting.kind, given) {
            (Kind::PrivateFile, Given::Path(path)) => {
                private_file(setting, path, origin, problems);
            }
            (Kind::Secret, _) => literal(setting, origin, problems),
            _ => {}
        }
    }
}

fn organism_rules(raw: &RawConfig, organism: Option<Organism>, problems: &mut Problems) {
    let mut first: Option<(&Setting, Organism)> = None;
    for (setting, _, origin) in raw.given() {
        let Some(of) = setting.organism else { continue };
        match organism {
            Some(organism) if organism != of => {
                let names: Vec<&str> = Section::BiologicalSettings
                    .settings()
                    .filter(|one| one.organism == Some(organism))
                    .map(|one| one.name)
                    .collect();
                let what = format!("it has no meaning for {organism}, only for {of}");
                let problem = Problem::new(Severity::Error, origin.clone(), what);
                let hint = format!("remove it; {organism} has {}", names.join(", "));
                problems.add(problem.field(setting).advise(hint));
            }
            Some(_) => {}
            None => match first {
                None => first = Some((setting, of)),
                Some((before, other)) if other != of => {
                    let what = format!("it is for {of}, and {} is for {other}", before.name);
                    let problem = Problem::new(Severity::Warning, origin.clone(), what);
                    let hint = "one of them has no meaning: say organism, and remove the others";
                    problems.add(problem.field(setting).advise(hint));
                    return;
                }
                Some(_) => {}
            },
        }
    }
}

fn limits(raw: &RawConfig, organism: Option<Organism>, problems: &mut Problems) {
    let whole = |section, name| match raw.find(section, name) {
        Some((Given::Whole(n), _)) => Some(*n),
        _ => None,
    };
    let units = whole(Section::Hypervisor, "ribosome_units").unwrap_or(80);
    let overhead = whole(Section::Hypervisor, "overhead_percent").unwrap_or(15);
    let usable = u64::from(units) * u64::from(100_u32.saturating_sub(overhead)) / 100;
    if usable == 0
        && let Some((_, origin)) = raw
            .find(Section::Hypervisor, "overhead_percent")
            .or_else(|| raw.find(Section::Hypervisor, "ribosome_units"))
    {
        let what = format!("of {units} ribosome units an overhead of {overhead}% leaves none");
        let problem = Problem::new(Severity::Error, origin.clone(), what);
        let hint = "lower overhead_percent, or give more ribosome_units";
        problems.add(problem.field("hypervisor").advise(hint));
        return;
    }
    let field = "resource_limits.max_ribosomes";
    if let Some((Given::Whole(most), origin)) = raw.find(Section::ResourceLimits, "max_ribosomes") {
        let full = organism.map(|organism| organism.full_ribosome_units().get());
        if u64::from(*most) > usable {
            let what = format!(
                "found {most}, and the chassis has {usable}: {units} units less {overhead}% overhead"
            );
            let problem = Problem::new(Severity::Error, origin.clone(), what);
            let hint = format!("give {usable} at most, or a larger hypervisor.ribosome_units");
            problems.add(problem.field(field).advise(hint));
        } else if let (Some(full), Some(organism)) = (full, organism)
            && *most > full
        {
            let what = format!("found {most}, and a full grant of {organism} is {full}");
            let problem = Problem::new(Severity::Warning, origin.clone(), what);
            let hint = format!("more than {full} is no more: give {full} at most");
            problems.add(problem.field(field).advise(hint));
        }
    }
    if let Some((Given::Percent(share), origin)) = raw.find(Section::ResourceLimits, "max_atp")
        && share.hundredths() == 0
    {
        let what = "found 0, with which no cell lives for long";
        let problem = Problem::new(Severity::Warning, origin.clone(), what);
        let hint = "give the share of ATP regeneration that each cell may have";
        problems.add(problem.field("resource_limits.max_atp").advise(hint));
    }
}

fn pacing(raw: &RawConfig, problems: &mut Problems) {
    let Some((_, origin)) = raw.find(Section::Hypervisor, "pace_factor") else {
        return;
    };
    if let Some((Given::Text(pacing), _)) = raw.find(Section::Hypervisor, "pacing")
        && pacing != "real_time"
    {
        let what = format!("it has no meaning for the pacing {pacing}, only for real_time");
        let problem = Problem::new(Severity::Error, origin.clone(), what);
        problems.add(
            problem
                .field("hypervisor.pace_factor")
                .advise("remove it, or set pacing to real_time"),
        );
    }
}

/// What a section of a remote host must and should have.
fn xcpng(raw: &RawConfig, required: bool, problems: &mut Problems) {
    let section = raw.sections.get(&Section::XcpngConfig);
    let origin = section.cloned().unwrap_or(Origin::Default);
    // Without the type nobody knows whether the section will be used.
    let must = if required {
        Severity::Error
    } else {
        Severity::Warning
    };
    for setting in Section::XcpngConfig.settings() {
        if raw.get(setting).is_some() || raw.is_refused(setting) {
            continue;
        }
        let (severity, word) = match setting.need {
            Need::Optional => continue,
            Need::Recommended => (Severity::Warning, "recommended"),
            Need::Required => (must, "required"),
        };
        let problem = Problem::new(
            severity,
            origin.clone(),
            format!("it is {word} for VMs of the type xcpng, and missing"),
        );
        let about = setting.doc.trim_end_matches('.').to_owned();
        problems.add(problem.field(setting).advise(about));
    }
    certificates(raw, problems);
    networks(raw, problems);
    let mut given = Vec::new();
    let mut refused = false;
    for name in PASSWORDS {
        let Some(setting) = Setting::find(Section::XcpngConfig, name) else {
            continue;
        };
        refused |= raw.is_refused(setting);
        if let Some((_, origin)) = raw.get(setting) {
            given.push((name, origin));
        }
    }
    let field = "xcpng_config.password";
    match given.as_slice() {
        [_] => {}
        [] if refused => {}
        [] => {
            let what = "it is required for VMs of the type xcpng, and missing";
            let problem = Problem::new(must, origin, what);
            let hint = "give one of password_file, password_env and password_command";
            problems.add(problem.field(field).advise(hint));
        }
        [.., (_, last)] => {
            let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
            let what = format!("{} are given, allowed is one of them", names.join(" and "));
            let problem = Problem::new(Severity::Error, (*last).clone(), what);
            problems.add(problem.field(field).advise("keep one, best not password"));
        }
    }
}

/// Ways to know a host that exclude each other, and one that is none.
fn certificates(raw: &RawConfig, problems: &mut Problems) {
    let mut given: Vec<(&str, &Origin)> = Vec::new();
    for name in ["tls_pins", "tls_ca_file", "tls_insecure"] {
        match raw.find(Section::XcpngConfig, name) {
            Some((Given::Texts(pins), _)) if pins.is_empty() => {}
            Some((Given::Truth(false), _)) | None => {}
            Some((_, origin)) => given.push((name, origin)),
        }
    }
    let field = "xcpng_config.tls_insecure";
    match given.as_slice() {
        [] => {}
        [("tls_insecure", origin)] => {
            let what = "whoever is between this machine and the host reads the password";
            let problem = Problem::new(Severity::Warning, (*origin).clone(), what);
            problems.add(
                problem
                    .field(field)
                    .advise("give tls_pins: bioxen doctor --xcpng shows the fingerprint"),
            );
        }
        [_] => {}
        [.., (last, origin)] => {
            let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
            let what = format!("{} are given, allowed is one of them", names.join(" and "));
            let problem = Problem::new(Severity::Error, (*origin).clone(), what);
            let field = format!("xcpng_config.{last}");
            problems.add(problem.field(field).advise("keep one, best tls_pins"));
        }
    }
}

/// Ranges of addresses, which are read where guests are met.
fn networks(raw: &RawConfig, problems: &mut Problems) {
    let Some((Given::Texts(ranges), origin)) = raw.find(Section::XcpngConfig, "guest_networks")
    else {
        return;
    };
    for range in ranges {
        let is_range = range.split_once('/').is_some_and(|(address, length)| {
            let longest = match address.parse() {
                Ok(std::net::IpAddr::V4(_)) => 32,
                Ok(std::net::IpAddr::V6(_)) => 128,
                Err(_) => return false,
            };
            length.parse::<u8>().is_ok_and(|length| length <= longest)
        });
        if !is_range {
            let what = format!("{range:?} is no range of addresses");
            let problem = Problem::new(Severity::Error, origin.clone(), what);
            let hint = "write it as 10.0.0.0/8 or fd00::/8";
            problems.add(problem.field("xcpng_config.guest_networks").advise(hint));
        }
    }
}

fn private_file(setting: &Setting, path: &Path, origin: &Origin, problems: &mut Problems) {
    let Err(error) = private::check(path) else {
        return;
    };
    let what = format!("{}: {}", path.display(), said(&error));
    let hint = match error.kind() {
        std::io::ErrorKind::PermissionDenied if path.exists() => {
            format!("chmod 600 {}", path.display())
        }
        _ => "give the path of a file that you alone may read".to_owned(),
    };
    let problem = Problem::new(Severity::Error, origin.clone(), what);
    problems.add(problem.field(setting).advise(hint));
}

fn said(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => error.to_string(),
    }
}

/// A secret that stands in a file.
fn literal(setting: &Setting, origin: &Origin, problems: &mut Problems) {
    let Origin::File { path, .. } = origin else {
        return;
    };
    let add = |problems: &mut Problems, severity, what: String, hint: &str| {
        let problem = Problem::new(severity, origin.clone(), what);
        problems.add(problem.field(setting).advise(hint));
    };
    let instead = "use password_file, password_env or password_command";
    let Ok(about) = fs::metadata(path) else {
        // A text that is in no file yet.
        let what = "a password stands in the file itself".to_owned();
        return add(problems, Severity::Warning, what, instead);
    };
    if let Some(mode) = private::others(&about) {
        let what = format!("a password stands in a file of mode {mode:04o}, which others may read");
        let hint = format!("chmod 600 {}; better, {instead}", path.display());
        return add(problems, Severity::Error, what, &hint);
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if fs::metadata(folder).is_ok_and(|about| private::is_open_folder(&about)) {
        let what = "a password stands in a file whose folder everybody may write to".to_owned();
        return add(problems, Severity::Error, what, instead);
    }
    let what = "a password stands in the file itself".to_owned();
    add(problems, Severity::Warning, what, instead);
}
