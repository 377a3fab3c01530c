//! The table of all settings.

use bioxen_core::Organism;

use super::{Kind, Need, Section, Setting};

const fn at(section: Section, name: &'static str, kind: Kind, doc: &'static str) -> Setting {
    Setting::new(section, name, kind, doc)
}

/// Every setting, in the order of documents.
pub static SETTINGS: [Setting; 52] = [
    at(
        Section::Top,
        "$schema",
        Kind::Text,
        "Address of the JSON Schema, for editors; nothing else reads it.",
    ),
    at(
        Section::Top,
        "organism",
        Kind::Word(&["syn3a", "ecoli", "minimal_cell"]),
        "Organism that the file is for. A command that runs another organism refuses the file.",
    )
    .default("any"),
    at(
        Section::Top,
        "vm_type",
        Kind::Word(&["basic", "xcpng"]),
        "What the VMs run on: the process itself, or an XCP-ng host.",
    )
    .default("any"),
    at(
        Section::ResourceLimits,
        "max_atp",
        Kind::Percent,
        "Most ATP that a VM may hold, percent of the regeneration of its cell. A new VM gets it if nothing else is asked for, and allocations above it are refused.",
    )
    .default("100")
    .recommend(["70.0", "90.0", "60.0"]),
    at(
        Section::ResourceLimits,
        "max_ribosomes",
        Kind::Whole { least: 1, most: 1_000_000 },
        "Most ribosome units that a VM may hold. A new VM gets them if nothing else is asked for, and allocations above them are refused.",
    )
    .default("what the chassis has")
    .recommend(["15", "30", "12"]),
    at(
        Section::ResourceLimits,
        "memory_limit",
        Kind::Size { least: 1_000 },
        "Most memory of a VM: the saved state of its cell at birth together with its recorded history, and apart from these the values of process code. A VM that needs more is refused with both figures.",
    )
    .default("no limit but that of process code")
    .recommend(["512MB", "1GB", "256MB"]),
    at(
        Section::BiologicalSettings,
        "genome_optimization",
        Kind::Truth,
        "A run says of which cells fewer than 400 of the 418 genes that they need are active at its end.",
    )
    .default("false")
    .recommend(["true", "", ""])
    .only(Organism::Syn3a),
    at(
        Section::BiologicalSettings,
        "minimal_mode",
        Kind::True,
        "The genome stays minimal: packages that add genes are refused.",
    )
    .default("not asked for: packages with genes are judged by their hosts alone")
    .recommend(["true", "", ""])
    .only(Organism::Syn3a),
    at(
        Section::BiologicalSettings,
        "essential_genes_only",
        Kind::Truth,
        "Genes that are scored as nonessential are silent from birth; what a newborn cell has of their products is diluted.",
    )
    .default("false")
    .recommend(["true", "", ""])
    .only(Organism::Syn3a),
    at(
        Section::BiologicalSettings,
        "operon_management",
        Kind::True,
        "Operons may be switched by hand. E. coli cannot do without it, so that false is refused.",
    )
    .default("true")
    .recommend(["", "true", ""])
    .only(Organism::Ecoli),
    at(
        Section::BiologicalSettings,
        "plasmid_support",
        Kind::Truth,
        "Plasmids may be installed; false refuses packages that bring one.",
    )
    .default("true")
    .recommend(["", "true", ""])
    .only(Organism::Ecoli),
    at(
        Section::BiologicalSettings,
        "growth_optimization",
        Kind::Truth,
        "Grants follow the growth phase: 85% of ATP and 28 ribosome units in a growing cell, 70% and 20 in a stationary one, as far as the maxima allow.",
    )
    .default("false")
    .recommend(["", "true", ""])
    .only(Organism::Ecoli),
    at(
        Section::BiologicalSettings,
        "basic_functions_only",
        Kind::True,
        "Only genes of the four basic functions run. These are all genes of the model, so that false is refused.",
    )
    .default("true")
    .recommend(["", "", "true"])
    .only(Organism::MinimalCell),
    at(
        Section::BiologicalSettings,
        "function_validation",
        Kind::Truth,
        "At its start a cell must have expressed genes of each basic function, and a run names the functions whose efficiency is below 0.6 at its end.",
    )
    .default("false")
    .recommend(["", "", "true"])
    .only(Organism::MinimalCell),
    at(
        Section::BiologicalSettings,
        "strict_mode",
        Kind::Truth,
        "Warnings about the configuration are errors.",
    )
    .default("false")
    .recommend(["", "", "true"])
    .only(Organism::MinimalCell),
    at(
        Section::Performance,
        "enable_monitoring",
        Kind::Truth,
        "A run tells alerts: ATP below 20%, ribosome utilization above 90%.",
    )
    .default("false")
    .recommend(["true", "true", "false"]),
    at(
        Section::Performance,
        "optimization_interval",
        Kind::Interval,
        "Simulated time between two looks of the optimizer; a bare number counts seconds.",
    )
    .default("30s")
    .recommend(["60", "30", "120"]),
    at(
        Section::XcpngConfig,
        "xapi_url",
        Kind::Url,
        "Address of the XAPI of the pool master.",
    )
    .need(Need::Required),
    at(
        Section::XcpngConfig,
        "username",
        Kind::Text,
        "User of the XAPI.",
    )
    .need(Need::Required),
    at(
        Section::XcpngConfig,
        "password",
        Kind::Secret,
        "Password of the user, in the file itself, which must then be readable by its owner alone. Exactly one of the four ways is given.",
    ),
    at(
        Section::XcpngConfig,
        "password_file",
        Kind::PrivateFile,
        "File whose first line is the password.",
    ),
    at(
        Section::XcpngConfig,
        "password_env",
        Kind::Variable,
        "Variable of the environment that has the password.",
    ),
    at(
        Section::XcpngConfig,
        "password_command",
        Kind::Command,
        "Program with its arguments that prints the password; no shell is involved.",
    ),
    at(
        Section::XcpngConfig,
        "ssh_user",
        Kind::Text,
        "User of the guests.",
    )
    .need(Need::Required),
    at(
        Section::XcpngConfig,
        "template_name",
        Kind::Text,
        "Name or uuid of the template that guests are cloned from.",
    )
    .default("bioxen-bio-template")
    .need(Need::Recommended),
    at(
        Section::XcpngConfig,
        "ssh_key_path",
        Kind::PrivateFile,
        "Private key of the user of the guests.",
    )
    .default("the agent of SSH")
    .need(Need::Recommended),
    at(
        Section::XcpngConfig,
        "ssh_port",
        Kind::Whole { least: 1, most: 65_535 },
        "Port of the SSH servers of guests.",
    )
    .default("22"),
    at(
        Section::XcpngConfig,
        "guest_host_keys",
        Kind::Word(&["template", "own"]),
        "Which SSH host keys new guests have: template leaves them those of the template, which ssh_host_keys names; own gives each one of its own, known before the first contact, which the template must take.",
    )
    .default("template"),
    at(
        Section::XcpngConfig,
        "ssh_host_keys",
        Kind::Texts,
        "Public host keys that guests of the template have, as lines such as ssh-ed25519 AAAA...; a guest that shows another one is refused. A guest with a key of its own needs none of them.",
    )
    .default("none: the key of each new guest without one of its own must be accepted before it is used"),
    at(
        Section::XcpngConfig,
        "guest_networks",
        Kind::Texts,
        "Ranges of addresses of guests, such as 10.0.0.0/8; other addresses that a guest reports are not tried.",
    )
    .default("all but loopback and link-local"),
    at(
        Section::XcpngConfig,
        "agent_path",
        Kind::Path,
        "Program bioxen_hypervisor that is brought to guests that lack it or have another one.",
    )
    .default("that of the template"),
    at(
        Section::XcpngConfig,
        "vm_memory",
        Kind::Size { least: 268_435_456 },
        "Memory of a guest.",
    )
    .default("2GB"),
    at(
        Section::XcpngConfig,
        "vm_vcpus",
        Kind::Whole { least: 1, most: 128 },
        "Virtual processors of a guest.",
    )
    .default("2"),
    at(
        Section::XcpngConfig,
        "tls_pins",
        Kind::Pins,
        "Certificates that are trusted, as SHA-256 of their DER form in hexadecimal; others are refused.",
    )
    .default("what the system trusts"),
    at(
        Section::XcpngConfig,
        "tls_ca_file",
        Kind::Path,
        "File with certificates of authorities, PEM, that the certificate of the host must come from.",
    )
    .default("what the system trusts"),
    at(
        Section::XcpngConfig,
        "tls_insecure",
        Kind::Truth,
        "No certificate is looked at: whoever is in between reads the password. For a test alone.",
    )
    .default("false"),
    at(
        Section::XcpngConfig,
        "storage_repository",
        Kind::Text,
        "Name or uuid of the storage for the disks of guests.",
    )
    .default("that of the template"),
    at(
        Section::XcpngConfig,
        "network",
        Kind::Text,
        "Name or uuid of the network of guests.",
    )
    .default("that of the template"),
    at(
        Section::XcpngConfig,
        "host",
        Kind::Text,
        "Name or uuid of the host on which guests start.",
    )
    .default("the one that the pool chooses"),
    at(
        Section::XcpngConfig,
        "request_timeout",
        Kind::Interval,
        "Longest time for an answer of the XAPI.",
    )
    .default("30s"),
    at(
        Section::XcpngConfig,
        "start_timeout",
        Kind::Interval,
        "Longest time from the start of a guest to its readiness.",
    )
    .default("5min"),
    at(
        Section::Hypervisor,
        "ribosome_units",
        Kind::Whole { least: 1, most: 1_000_000 },
        "Ribosome units of the chassis, before overhead.",
    )
    .default("80"),
    at(
        Section::Hypervisor,
        "overhead_percent",
        Kind::Whole { least: 0, most: 100 },
        "Part of the units that the host keeps for itself, percent.",
    )
    .default("15"),
    at(
        Section::Hypervisor,
        "max_vms",
        Kind::Whole { least: 1, most: 1_000_000 },
        "Most VMs of the host.",
    )
    .default("no limit"),
    at(
        Section::Hypervisor,
        "host_policy",
        Kind::Word(&["per_cell", "shared"]),
        "Whether what the cells hold adds up: per_cell gives each cell a chassis of its own, shared divides one among them.",
    )
    .default("per_cell"),
    at(
        Section::Hypervisor,
        "workers",
        Kind::Whole { least: 1, most: 4096 },
        "Threads that compute cells. It changes no result.",
    )
    .default("one for each core"),
    at(
        Section::Hypervisor,
        "slice",
        Kind::Simulated,
        "Simulated time that a cell is moved before another gets its turn, at least 500ms. It changes no result.",
    )
    .default("10s"),
    at(
        Section::Hypervisor,
        "pacing",
        Kind::Word(&["real_time", "unpaced", "manual"]),
        "How VMs advance by themselves: with the time on the wall, as fast as they can, or only when asked. Batches such as bioxen run are moved when asked.",
    )
    .default("real_time"),
    at(
        Section::Hypervisor,
        "pace_factor",
        Kind::Factor,
        "Simulated seconds per second on the wall, for pacing real_time.",
    )
    .default("1"),
    at(
        Section::Hypervisor,
        "state_folder",
        Kind::Path,
        "Folder for what the hypervisor keeps. Packages are searched in the folder packages in it, before packages.folders.",
    )
    .default("none"),
    at(
        Section::Packages,
        "folders",
        Kind::Paths,
        "Folders with packages, searched after those that are built in and before those of BIOXEN_PACKAGE_PATH.",
    )
    .default("none"),
    at(
        Section::Packages,
        "install",
        Kind::Packages,
        "Packages that each new VM is given before it starts, by name or by the path of their folder.",
    )
    .default("none"),
];
