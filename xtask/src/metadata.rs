//! What `cargo metadata` says about the members of the workspace.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::invocation::Invocation;

/// The workspace as cargo sees it, without resolved dependencies.
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    /// Folder of build products.
    pub(crate) target_directory: PathBuf,
    /// Members, by name.
    pub(crate) packages: Vec<Package>,
}

/// One member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Name in its manifest.
    pub(crate) name: String,
    /// Folder below the workspace root, with `/` between names.
    pub(crate) folder: String,
    /// Names of its features, sorted, without `default`.
    pub(crate) features: Vec<String>,
    /// All dependencies, of all kinds and targets.
    pub(crate) dependencies: Vec<Dependency>,
}

impl Package {
    /// Path of the manifest below the workspace root.
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// One line of a manifest's dependency tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// Name of the package that is depended on.
    pub(crate) name: String,
    /// Name in the manifest, when it differs.
    pub(crate) rename: Option<String>,
    /// Which table it is in.
    pub(crate) kind: Kind,
    /// Whether it is behind a feature.
    pub(crate) optional: bool,
}

/// The table that a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[dependencies]`.
    Normal,
    /// `[build-dependencies]`.
    Build,
    /// `[dev-dependencies]`.
    Dev,
}

impl Metadata {
    /// Asks cargo; needs neither the network nor a lock file.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let ask = Invocation::cargo("metadata --no-deps --format-version 1 --offline");
        let text = ask.output(root)?.ok_or_else(|| Failure::Step {
            step: "read the manifests".to_owned(),
            command: ask.to_string(),
        })?;
        Self::parse(&text)
    }

    /// Reads format version 1 of `cargo metadata`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let value: Value = serde_json::from_str(text).map_err(|source| Failure::Metadata {
            member: "the whole",
            source: Some(source),
        })?;
        let root = string(&value, "workspace_root")?;
        let mut packages = list(&value, "packages")?
            .iter()
            .map(|package| parse_package(package, root))
            .collect::<Result<Vec<_>, _>>()?;
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            target_directory: PathBuf::from(string(&value, "target_directory")?),
            packages,
        })
    }
}

fn parse_package(value: &Value, root: &str) -> Result<Package, Failure> {
    let manifest = Path::new(string(value, "manifest_path")?);
    let folder = manifest
        .parent()
        .and_then(|folder| folder.strip_prefix(root).ok())
        .ok_or_else(|| malformed("manifest_path"))?;
    let features = value
        .get("features")
        .and_then(Value::as_object)
        .ok_or_else(|| malformed("features"))?;
    let mut features: Vec<String> = features
        .keys()
        .filter(|name| *name != "default")
        .cloned()
        .collect();
    features.sort();
    Ok(Package {
        name: string(value, "name")?.to_owned(),
        folder: folder.to_string_lossy().replace('\\', "/"),
        features,
        dependencies: list(value, "dependencies")?
            .iter()
            .map(parse_dependency)
            .collect::<Result<_, _>>()?,
    })
}

fn parse_dependency(value: &Value) -> Result<Dependency, Failure> {
    let kind = match value.get("kind").and_then(Value::as_str) {
        None => Kind::Normal,
        Some("build") => Kind::Build,
        Some("dev") => Kind::Dev,
        Some(_) => return Err(malformed("kind")),
    };
    Ok(Dependency {
        name: string(value, "name")?.to_owned(),
        rename: value
            .get("rename")
            .and_then(Value::as_str)
            .map(str::to_owned),
        kind,
        optional: value
            .get("optional")
            .and_then(Value::as_bool)
            .unwrap_or(false),
    })
}

fn string<'a>(value: &'a Value, member: &'static str) -> Result<&'a str, Failure> {
    value
        .get(member)
        .and_then(Value::as_str)
        .ok_or_else(|| malformed(member))
}

fn list<'a>(value: &'a Value, member: &'static str) -> Result<&'a Vec<Value>, Failure> {
    value
        .get(member)
        .and_then(Value::as_array)
        .ok_or_else(|| malformed(member))
}

fn malformed(member: &'static str) -> Failure {
    Failure::Metadata {
        member,
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_CRATES: &str = r#"{
      "workspace_root": "/w",
      "target_directory": "/w/target",
      "packages": [
        { "name": "upper", "manifest_path": "/w/crates/upper/Cargo.toml",
          "features": { "default": ["fast"], "slow": [], "fast": [] },
          "dependencies": [
            { "name": "lower", "rename": "low", "kind": null, "optional": true },
            { "name": "probe", "rename": null, "kind": "dev", "optional": false } ] },
        { "name": "lower", "manifest_path": "/w/crates/lower/Cargo.toml",
          "features": {}, "dependencies": [] }
      ] }"#;

    #[test]
    fn packages_features_and_dependencies_are_read() {
        let metadata = Metadata::parse(TWO_CRATES).unwrap();
        assert_eq!(metadata.target_directory, Path::new("/w/target"));
        let [lower, upper] = &metadata.packages[..] else {
            panic!("two packages, by name: {:?}", metadata.packages);
        };
        assert_eq!(lower.manifest(), "crates/lower/Cargo.toml");
        assert_eq!(upper.features, ["fast", "slow"]);
        assert_eq!(
            upper.dependencies[0],
            Dependency {
                name: "lower".to_owned(),
                rename: Some("low".to_owned()),
                kind: Kind::Normal,
                optional: true,
            }
        );
        assert_eq!(upper.dependencies[1].kind, Kind::Dev);
    }

    #[test]
    fn a_missing_member_is_named() {
        let failure = Metadata::parse("{}").unwrap_err();
        assert_eq!(
            failure.to_string(),
            "could not read `workspace_root` in the answer of `cargo metadata`"
        );
        assert!(Metadata::parse("cargo: not found").is_err());
    }
}
