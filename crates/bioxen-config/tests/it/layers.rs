//! Files, overlays, variables and flags: which wins, and what is said about each.

use std::fs;
use std::path::Path;

use bioxen_config::{
    FileChoice, Request, Surroundings, candidates, load, load_defaults, render, show, text,
};
use bioxen_core::Organism;
use tempfile::TempDir;

struct Place {
    root: TempDir,
    request: Request,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut surroundings = Surroundings::nowhere();
        surroundings.working_folder = root.path().join("work");
        fs::create_dir_all(&surroundings.working_folder).unwrap();
        surroundings.home = Some(root.path().join("home"));
        surroundings.system_folder = root.path().join("etc");
        let request = Request::new(surroundings);
        Self { root, request }
    }

    fn variable(mut self, name: &str, text: &str) -> Self {
        let environment = &mut self.request.surroundings.environment;
        environment.insert(name.to_owned(), text.to_owned());
        self
    }

    fn flag(mut self, name: &str, text: &str) -> Self {
        self.request.flags.push((name.to_owned(), text.to_owned()));
        self
    }

    fn file(mut self, name: &str) -> Self {
        self.request.file = FileChoice::Path(self.root.path().join(name));
        self
    }

    /// Given values with their origin, or problems, with the folder of the test left out.
    #[track_caller]
    fn check(&self, expect: &str) {
        let said = match load(&self.request) {
            Ok(loaded) => {
                let given = show(&loaded.raw)
                    .into_iter()
                    .filter(|one| loaded.raw.get(one.setting).is_some())
                    .map(|one| format!("{} = {} ({})\n", one.setting, one.value, one.origin));
                format!("{}{}", given.collect::<String>(), render(&loaded.problems))
            }
            Err(errors) => render(errors.problems()),
        };
        let said = said.replace(&self.root.path().display().to_string(), "");
        assert_eq!(said, expect, "\n{said}");
    }
}

const WORKERS: &str = "hypervisor:\n  workers: 3\n";

#[test]
fn the_first_place_wins() {
    let order = [
        (
            "work/bioxen_config.json",
            "{\"hypervisor\": {\"workers\": 1}}",
        ),
        ("work/bioxen_config.yaml", "hypervisor: {workers: 2}"),
        (
            "home/.bioxen/config.json",
            "{\"hypervisor\": {\"workers\": 3}}",
        ),
        ("home/.bioxen/config.yaml", "hypervisor: {workers: 4}"),
        ("etc/config.json", "{\"hypervisor\": {\"workers\": 5}}"),
        ("etc/config.yaml", "hypervisor: {workers: 6}"),
    ];
    for first in 0..order.len() {
        let place = Place::new(&order[first..]);
        let loaded = load(&place.request).unwrap();
        let expect = u32::try_from(first + 1).unwrap();
        assert_eq!(loaded.config.hypervisor.workers, Some(expect));
        let found = candidates(&place.request.surroundings);
        let found = found.into_iter().find(|one| one.found).unwrap();
        assert_eq!(loaded.files, [found.path]);
    }
    Place::new(&[]).check("");
}

#[test]
fn later_layers_win_setting_by_setting_and_each_value_has_its_origin() {
    Place::new(&[
        (
            "work/bioxen_config.json",
            "{\"resource_limits\": {\"max_atp\": 50, \"max_ribosomes\": 9},\n \"hypervisor\": {\"workers\": 1}}",
        ),
        (
            "work/bioxen_config.staging.yaml",
            "resource_limits:\n  max_atp: 60\nhypervisor:\n  slice: 20s\n",
        ),
    ])
    .variable("BIOXEN_ENV", "staging")
    .variable("BIOXEN_HYPERVISOR__WORKERS", "2")
    .variable("BIOXEN_PACKAGES__INSTALL", "[\"puc19\", \"./demo\"]")
    .variable("BIOXEN_PACKAGE_PATH", "/not/ours")
    .variable("HYPERVISOR__WORKERS", "7")
    .flag("hypervisor.slice", "30s")
    .flag("organism", "syn3a")
    .check(
        "organism = syn3a (flag organism)\n\
         resource_limits.max_atp = 60 (/work/bioxen_config.staging.yaml:2:12)\n\
         resource_limits.max_ribosomes = 9 (/work/bioxen_config.json:1:54)\n\
         hypervisor.workers = 2 (variable BIOXEN_HYPERVISOR__WORKERS)\n\
         hypervisor.slice = \"30s\" (flag hypervisor.slice)\n\
         packages.install = [puc19, /work/demo] (variable BIOXEN_PACKAGES__INSTALL)\n",
    );
}

#[test]
fn a_named_file_wins_alone() {
    let files = [
        ("work/bioxen_config.yaml", "hypervisor: {workers: 1}"),
        ("other.yaml", WORKERS),
    ];
    Place::new(&files)
        .file("other.yaml")
        .check("hypervisor.workers = 3 (/other.yaml:2:12)\n");
    Place::new(&files).file("gone.yaml").check(
        "error: there is no such file\n --> /gone.yaml\n = help: `bioxen config init` writes one\n\n1 error\n",
    );
    Place::new(&files)
        .file("work")
        .check("error: it is a folder\n --> /work\n = help: give the path of a file\n\n1 error\n");
}

#[test]
fn variables_and_flags_are_checked_like_files() {
    Place::new(&[])
        .variable("BIOXEN_RESOURCE_LIMITS__MAX_ATP", "lots")
        .variable("BIOXEN_RESOURCE_LIMITS__MAX_APT", "5")
        .variable("BIOXEN_RESOURCES__MAX_ATP", "5")
        .variable("BIOXEN_XCPNG_CONFIG__PASSWORD", "hunter2")
        .flag("hypervisor.colour", "blue")
        .check(include_str!("layers/refused.txt"));
}

#[test]
fn overlays_that_are_missing_twofold_or_idle_are_named() {
    let base = ("work/bioxen_config.yaml", WORKERS);
    Place::new(&[]).variable("BIOXEN_ENV", "staging").check(
        "warning: it has no effect: there is no configuration file\n --> variable BIOXEN_ENV\n \
         = help: make the file, or remove the variable\n\n1 warning\n",
    );
    Place::new(&[base]).variable("BIOXEN_ENV", "staging").check(
        "error: there is no file for the environment \"staging\"\n --> variable BIOXEN_ENV\n \
         = help: make /work/bioxen_config.staging.json, or remove the variable\n\n1 error\n",
    );
    Place::new(&[base]).variable("BIOXEN_ENV", "../x").check(
        "error: found \"../x\", allowed are up to 64 of A-Z a-z 0-9 - _\n --> variable BIOXEN_ENV\n \
         = help: give a name such as staging, or remove the variable\n\n1 error\n",
    );
    Place::new(&[
        base,
        ("work/bioxen_config.staging.yaml", WORKERS),
        ("work/bioxen_config.staging.json", "{}"),
    ])
    .variable("BIOXEN_ENV", "staging")
    .check(
        "error: two files are for the environment \"staging\": /work/bioxen_config.staging.json and /work/bioxen_config.staging.yaml\n \
         --> variable BIOXEN_ENV\n = help: keep one of them\n\n1 error\n",
    );
    Place::new(&[base, ("work/bioxen_config.staging.yaml", WORKERS)])
        .variable("BIOXEN_ENV", "staging")
        .check(
            "hypervisor.workers = 3 (/work/bioxen_config.staging.yaml:2:12)\n\
             warning: it changes nothing: every value is that of /work/bioxen_config.yaml\n --> /work/bioxen_config.staging.yaml\n \
             = help: remove it, or the variable BIOXEN_ENV\n\n1 warning\n",
        );
}

#[test]
fn what_is_asked_for_must_be_what_the_file_is_for() {
    let mut place = Place::new(&[("work/bioxen_config.yaml", "organism: syn3a\n")]);
    place.request.organism = Some(Organism::Ecoli);
    place.check(
        "error: organism: found syn3a, and ecoli is asked for\n  --> /work/bioxen_config.yaml:1:11\n  |\n1 | organism: syn3a\n  |           ^^^^^\n  \
         = help: use a file for ecoli, or remove organism from this one\n\n1 error\n",
    );
    place.request.organism = Some(Organism::Syn3a);
    place.check("organism = syn3a (flag organism)\n");
}

#[test]
fn strict_makes_warnings_errors() {
    let file = "organism: ecoli\nresource_limits:\n  max_ribosomes: 31\n";
    let mut place = Place::new(&[("work/bioxen_config.yaml", file)]);
    assert_eq!(load(&place.request).unwrap().problems.warnings(), 1);
    place.request.strict = true;
    let errors = load(&place.request).unwrap_err();
    assert_eq!(errors.problems().errors(), 1);
    assert_eq!(
        errors
            .to_string()
            .replace(&place.root.path().display().to_string(), ""),
        "/work/bioxen_config.yaml:3:18: resource_limits.max_ribosomes: found 31, and a full grant of ecoli is 30"
    );
}

#[cfg(unix)]
#[test]
fn links_are_followed_where_a_person_meant_them() {
    use std::os::unix::fs::symlink;
    let place = Place::new(&[("other.yaml", WORKERS), ("work/real.yaml", WORKERS)]);
    let link = place.root.path().join("work/bioxen_config.yaml");
    symlink(place.root.path().join("other.yaml"), &link).unwrap();
    place.check(
        "error: it is a link out of its folder, to /other.yaml\n --> /work/bioxen_config.yaml\n \
         = help: if you mean it, say so: --config /work/bioxen_config.yaml\n\n1 error\n",
    );
    let place = place.file("work/bioxen_config.yaml");
    place.check("hypervisor.workers = 3 (/work/bioxen_config.yaml:2:12)\n");
    fs::remove_file(&link).unwrap();
    symlink("real.yaml", &link).unwrap();
    let place = Place {
        request: Request {
            file: FileChoice::Discover,
            ..place.request
        },
        ..place
    };
    place.check("hypervisor.workers = 3 (/work/bioxen_config.yaml:2:12)\n");
    fs::remove_file(&link).unwrap();
    symlink("gone.yaml", &link).unwrap();
    place.check(
        "error: it is a link to gone.yaml, which is not there\n --> /work/bioxen_config.yaml\n \
         = help: remove the link, or make its target\n\n1 error\n",
    );
}

#[cfg(unix)]
#[test]
fn passwords_stand_in_private_files_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let file = "vm_type: xcpng\nxcpng_config:\n  xapi_url: https://a\n  username: u\n  ssh_user: s\n  \
                template_name: t\n  ssh_key_path: key\n  password: hunter2\n";
    let place = Place::new(&[("work/bioxen_config.yaml", file), ("work/key", "k")]);
    let (config, key) = (
        place.root.path().join("work/bioxen_config.yaml"),
        place.root.path().join("work/key"),
    );
    mode(&config, 0o640);
    mode(&key, 0o644);
    place.check(
        "error: xcpng_config.password: a password stands in a file of mode 0640, which others may read\n  --> /work/bioxen_config.yaml:8:13\n  \
         = help: chmod 600 /work/bioxen_config.yaml; better, use password_file, password_env or password_command\n\n\
         error: xcpng_config.ssh_key_path: /work/key: it has mode 0644, so that others may read it\n  --> /work/bioxen_config.yaml:7:17\n  |\n\
         7 |   ssh_key_path: key\n  |                 ^^^\n  = help: chmod 600 /work/key\n\n2 errors\n",
    );
    mode(&config, 0o600);
    mode(&key, 0o400);
    let loaded = load(&place.request).unwrap();
    assert_eq!(loaded.problems.warnings(), 1);
    let everything = format!(
        "{loaded:?} {:?} {}",
        show(&loaded.raw),
        text(&loaded.raw, bioxen_config::Format::Json)
    );
    assert!(!everything.contains("hunter2"));
    mode(&place.root.path().join("work"), 0o777);
    assert_eq!(load(&place.request).unwrap_err().problems().errors(), 1);
}

#[test]
fn defaults_of_the_design_are_recommended() {
    let said: Vec<String> = Organism::ALL
        .iter()
        .map(|organism| text(&load_defaults(*organism), bioxen_config::Format::Yaml))
        .collect();
    assert_eq!(
        said.join("---\n"),
        "resource_limits:\n  max_atp: 70\n  max_ribosomes: 15\n  memory_limit: \"512MB\"\n\
         biological_settings:\n  genome_optimization: true\n  minimal_mode: true\n  essential_genes_only: true\n\
         performance:\n  enable_monitoring: true\n  optimization_interval: \"1min\"\n---\n\
         resource_limits:\n  max_atp: 90\n  max_ribosomes: 30\n  memory_limit: \"1GB\"\n\
         biological_settings:\n  operon_management: true\n  plasmid_support: true\n  growth_optimization: true\n\
         performance:\n  enable_monitoring: true\n  optimization_interval: \"30s\"\n---\n\
         resource_limits:\n  max_atp: 60\n  max_ribosomes: 12\n  memory_limit: \"256MB\"\n\
         biological_settings:\n  basic_functions_only: true\n  function_validation: true\n  strict_mode: true\n\
         performance:\n  enable_monitoring: false\n  optimization_interval: \"2min\"\n"
    );
}
