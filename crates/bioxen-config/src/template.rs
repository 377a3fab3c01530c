//! Files to begin with.

use std::fmt::Write as _;

use bioxen_core::Organism;
use bioxen_text::{Format, Limits};

use crate::model::{Kind, Need, Section, Setting, VmType};
use crate::origin::Origin;
use crate::parse::{allowed, parse};
use crate::raw::RawConfig;
use crate::surroundings::Surroundings;

/// What stands behind each value that must be filled in.
pub const BLANK: &str = "# <- fill in";

/// Address of the JSON Schema that the first line of a template names.
pub const SCHEMA_ADDRESS: &str =
    "https://raw.githubusercontent.com/bioxen/bioxen/main/docs/schema/config.schema.json";

/// The values that are recommended for an organism, as a layer.
///
/// ```
/// use bioxen_config::{load_defaults, text};
/// use bioxen_core::Organism;
///
/// let defaults = load_defaults(Organism::Syn3a);
/// assert!(text(&defaults, bioxen_config::Format::Yaml).contains("max_atp: 70\n"));
/// ```
pub fn load_defaults(organism: Organism) -> RawConfig {
    let mut raw = RawConfig::default();
    let nowhere = Surroundings::nowhere();
    for section in Section::ALL {
        for setting in section.settings() {
            let Some(text) = setting.recommended_for(organism) else {
                continue;
            };
            let node = bioxen_text::read(text.as_bytes(), Format::Yaml, &Limits::default());
            let given = node
                .ok()
                .and_then(|node| parse(setting, &node, "/".as_ref(), &nowhere).ok());
            // A test reads every recommended value.
            if let Some(given) = given {
                raw.set(setting, given, Origin::Default);
            }
        }
    }
    raw
}

/// A file of YAML with every setting that has a meaning for this organism and VM type, and a comment at each.
///
/// It loads without problems but for the values that are marked with [`BLANK`].
pub fn generate_template(organism: Organism, vm_type: VmType) -> String {
    let mut out = format!(
        "# yaml-language-server: $schema={SCHEMA_ADDRESS}\n# BioXen for cells of {organism} on VMs of the type {vm_type}.\n"
    );
    out.push_str(
        "# Lines without a # in front are in force; remove the # from others to use them.\n",
    );
    if vm_type == VmType::Xcpng {
        out.push_str("# Where \"<- fill in\" stands a value is missing.\n");
    }
    put(
        &mut out,
        format_args!("\norganism: {organism}\nvm_type: {vm_type}\n"),
    );
    for section in Section::ALL {
        if section == Section::XcpngConfig && vm_type == VmType::Basic {
            continue;
        }
        put(
            &mut out,
            format_args!("\n# {}\n{}:\n", section.doc(), section.name()),
        );
        let mut settings = section
            .settings()
            .filter(|setting| setting.organism.is_none_or(|only| only == organism))
            .peekable();
        while let Some(setting) = settings.next() {
            one(setting, organism, &mut out);
            if settings.peek().is_some() {
                out.push('\n');
            }
        }
    }
    out
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = out.write_fmt(text);
}

fn one(setting: &Setting, organism: Organism, out: &mut String) {
    for sentence in setting.doc.split_inclusive(". ") {
        put(out, format_args!("  # {}\n", sentence.trim_end()));
    }
    put(
        out,
        format_args!("  # Allowed: {}.\n", allowed(setting.kind)),
    );
    if !setting.default.is_empty() {
        put(
            out,
            format_args!("  # If not given: {}.\n", setting.default),
        );
    }
    let name = setting.name;
    match setting.recommended_for(organism) {
        Some(value) => put(out, format_args!("  {name}: {value}\n")),
        None if name == "password_file" || setting.need == Need::Required => {
            put(out, format_args!("  {name}: \"\" {BLANK}\n"));
        }
        None => put(out, format_args!("  # {name}: {}\n", example(setting))),
    }
}

/// A value of a setting that nobody is recommended to have.
fn example(setting: &Setting) -> String {
    match (setting.name, setting.kind) {
        ("folders", _) => "[~/bioxen-packages]".to_owned(),
        ("install", _) => "[gfp_reporter]".to_owned(),
        ("ssh_key_path", _) => "~/.ssh/id_ed25519".to_owned(),
        ("password_env", _) => "XCP_PASSWORD".to_owned(),
        ("password_command", _) => "[pass, show, xcp]".to_owned(),
        ("tls_pins" | "ssh_host_keys", _) => "[]".to_owned(),
        ("guest_networks", _) => "[10.0.0.0/8]".to_owned(),
        ("agent_path", _) => "~/.local/bin/bioxen_hypervisor".to_owned(),
        ("tls_ca_file", _) => "/etc/ssl/certs/xcp-ng.pem".to_owned(),
        ("state_folder", _) => "~/.bioxen/state".to_owned(),
        ("max_vms", _) => "10".to_owned(),
        ("workers", _) => "2".to_owned(),
        (_, Kind::Text) if setting.default.is_empty() || setting.default.contains(' ') => {
            "name".to_owned()
        }
        (_, Kind::Secret) => "\"\"".to_owned(),
        _ => setting.default.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bioxen_core::Organism;

    use super::{BLANK, generate_template, load_defaults};
    use crate::load::{Request, load_text};
    use crate::model::{SETTINGS, VmType};
    use crate::render::render;
    use crate::surroundings::Surroundings;

    #[test]
    fn every_recommended_value_is_one() {
        for organism in Organism::ALL {
            let raw = load_defaults(organism);
            let wanted = SETTINGS
                .iter()
                .filter(|setting| setting.recommended_for(organism).is_some());
            assert_eq!(raw.given().count(), wanted.count());
        }
    }

    #[test]
    fn templates_load_but_for_their_blanks() {
        for organism in Organism::ALL {
            for vm_type in VmType::ALL {
                let template = generate_template(organism, vm_type);
                let request = Request::new(Surroundings::nowhere());
                let blanks: Vec<usize> = template
                    .lines()
                    .enumerate()
                    .filter(|(_, line)| line.ends_with(BLANK))
                    .map(|(n, _)| n + 1)
                    .collect();
                let loaded = load_text("t.yaml".as_ref(), template.as_bytes(), &request);
                match vm_type {
                    VmType::Basic => {
                        let loaded = loaded.unwrap_or_else(|e| panic!("{}", render(e.problems())));
                        assert_eq!(loaded.problems.warnings(), 0);
                        assert!(blanks.is_empty());
                    }
                    VmType::Xcpng => {
                        let errors = loaded.unwrap_err();
                        let said = render(errors.problems());
                        for line in &blanks {
                            assert!(said.contains(&format!("t.yaml:{line}:")), "{line}\n{said}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn examples_of_a_template_are_values() {
        for vm_type in VmType::ALL {
            let template = generate_template(Organism::Ecoli, vm_type);
            let mut on = String::new();
            for line in template.lines() {
                let line = match line.strip_prefix("  # ") {
                    Some(rest)
                        if rest.split_once(": ").is_some_and(|(name, _)| {
                            SETTINGS.iter().any(|setting| setting.name == name)
                        }) =>
                    {
                        format!("  {rest}")
                    }
                    _ => line.to_owned(),
                };
                // What asks for files, exclusive passwords and words that stand for a number are left out.
                let skip = ["ssh_key_path", "password", "max_ribosomes:"];
                if !skip.iter().any(|name| line.trim_start().starts_with(name)) {
                    on.push_str(&line.replace(&format!("\"\" {BLANK}"), "https://a"));
                    on.push('\n');
                }
            }
            on.push('\n');
            let on = on.replace("xcpng_config:\n", "xcpng_config:\n  password_env: PW\n");
            let request = Request::new(Surroundings {
                home: Some("/home/ada".into()),
                ..Surroundings::nowhere()
            });
            if let Err(errors) = load_text("t.yaml".as_ref(), on.as_bytes(), &request) {
                panic!("{}", render(errors.problems()));
            }
        }
    }
}
