//! Reading the files of others.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bioxen_core::edit_distance;
use bioxen_text::{Format, Limits, Node, Place, read};

use crate::origin::Origin;
use crate::problem::{Problem, Severity};
use crate::render::excerpt;

/// A file that was read.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) tree: Node,
}

impl Source {
    /// Reads a regular file of at most 1 MiB, in the format of its extension, or as JSON and then as YAML.
    pub(crate) fn read(path: &Path) -> Result<Self, Box<Problem>> {
        let bytes = bytes_of(path)?;
        Self::parse(path, &bytes)
    }

    /// Takes bytes as those of a file.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Box<Problem>> {
        let limits = Limits::default();
        let tree = match Format::of(path) {
            Some(format) => read(bytes, format, &limits),
            None => read(bytes, Format::Json, &limits).or_else(|as_json| {
                let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
                read(bytes, Format::Yaml, &limits)
                    // Who begins with a bracket means JSON.
                    .map_err(|as_yaml| {
                        if begins == Some(&b'{') {
                            as_json
                        } else {
                            as_yaml
                        }
                    })
            }),
        };
        let text = String::from_utf8_lossy(bytes)
            .trim_start_matches('\u{feff}')
            .to_owned();
        let path = path.to_owned();
        match tree {
            Ok(tree) => Ok(Self { path, text, tree }),
            Err(refused) => {
                let place = refused.place();
                let origin = Origin::File { path, place };
                let mut problem = Problem::new(Severity::Error, origin, refused.what());
                problem.hint = refused.hint();
                // Nobody knows what stands where in a text that cannot be read.
                if !may_hold_secret(&text) {
                    problem.excerpt = place.and_then(|place| excerpt(&text, place));
                }
                Err(Box::new(problem))
            }
        }
    }

    /// The origin of what stands at a place.
    pub(crate) fn origin(&self, place: Place) -> Origin {
        Origin::File {
            path: self.path.clone(),
            place: Some(place),
        }
    }

    /// The folder that its relative paths begin in.
    pub(crate) fn folder(&self, working_folder: &Path) -> PathBuf {
        working_folder.join(self.path.parent().unwrap_or(Path::new("")))
    }

    /// The line at a place, unless a secret may stand in it.
    pub(crate) fn excerpt(&self, place: Place) -> Option<crate::problem::Excerpt> {
        let hidden = hidden_lines(&self.tree);
        let seen = !hidden
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&place.line));
        seen.then(|| excerpt(&self.text, place)).flatten()
    }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Box<Problem>> {
    let refuse = |what: String, hint: Option<&str>| {
        let origin = Origin::File {
            path: path.to_owned(),
            place: None,
        };
        let mut problem = Problem::new(Severity::Error, origin, what);
        problem.hint = hint.map(str::to_owned);
        Box::new(problem)
    };
    let about = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if fs::symlink_metadata(path).is_ok() => {
            let to = fs::read_link(path).unwrap_or_default();
            let what = format!("it is a link to {}, which is not there", to.display());
            refuse(what, Some("remove the link, or make its target"))
        }
        io::ErrorKind::NotFound => refuse(
            "there is no such file".to_owned(),
            Some("`bioxen config init` writes one"),
        ),
        _ => refuse(format!("it cannot be read: {error}"), None),
    })?;
    if about.is_dir() {
        let hint = "give the path of a file";
        return Err(refuse("it is a folder".to_owned(), Some(hint)));
    }
    if !about.is_file() {
        let what = "it is no regular file".to_owned();
        return Err(refuse(what, Some("give the path of a file")));
    }
    let most = u64::try_from(Limits::default().bytes).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|error| refuse(format!("it cannot be read: {error}"), None))?;
    if about.len() > most {
        let what = format!("it has {} bytes, allowed are {most}", about.len());
        return Err(refuse(what, None));
    }
    Ok(bytes)
}

/// Whether the value of a name may be a secret.
fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let names_one = ["pass", "pwd", "secret", "token"]
        .iter()
        .any(|word| key.contains(word));
    // A slip of the pen does not make it public, nor does a password in the place of a name.
    let slip = key.len() <= 64 && edit_distance(&key, "password") <= 3;
    (names_one || slip) && !["password_file", "password_command"].contains(&key.as_str())
}

fn may_hold_secret(text: &str) -> bool {
    let names = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    text.split(names).any(is_secret) || (text.contains("://") && text.contains('@'))
}

/// Whether it is an address with a user in it, and perhaps a password.
fn has_user(node: &Node) -> bool {
    match &node.value {
        bioxen_text::Value::Text(text) => text.contains("://") && text.contains('@'),
        _ => false,
    }
}

/// First and last line of each value that may be a secret, from the name on to what follows.
fn hidden_lines(tree: &Node) -> Vec<(usize, usize)> {
    let mut marks: Vec<(usize, bool)> = Vec::new();
    collect(tree, false, &mut marks);
    let mut hidden = Vec::new();
    for (n, (line, secret)) in marks.iter().enumerate() {
        if *secret {
            let next = marks.get(n + 1).map_or(usize::MAX, |(next, _)| *next);
            // What follows on the same line hides no more than that line.
            hidden.push((*line, next.saturating_sub(1).max(*line)));
        }
    }
    hidden
}

/// Lines of all names and values in the order of the text, and whether each belongs to a secret.
fn collect(node: &Node, secret: bool, marks: &mut Vec<(usize, bool)>) {
    marks.push((node.place.line, secret));
    for entry in node.entries() {
        let secret = secret || is_secret(&entry.key) || has_user(&entry.value);
        marks.push((entry.place.line, secret));
        collect(&entry.value, secret, marks);
    }
    if let bioxen_text::Value::List(items) = &node.value {
        for item in items {
            collect(item, secret, marks);
        }
    }
}
