//! Saving under kills, full disks and links: a reader finds the old file or the new one.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use bioxen_config::save;

/// A text that is whole or is not: its first line says how long it is.
fn whole(n: usize) -> String {
    let body = "x".repeat(n);
    format!("{n}\n{body}\n")
}

#[track_caller]
fn assert_whole(text: &str) {
    let (n, body) = text.split_once('\n').expect("there is a first line");
    let n: usize = n.parse().expect("a number");
    assert_eq!(body.trim_end().len(), n);
}

#[test]
fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a/b/config.yaml");
    save(&path, "one").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        save(&path, "two").unwrap();
        assert_eq!(mode(&path), 0o644);
    }
    assert_eq!(
        names(path.parent().unwrap()),
        [".config.yaml.lock", "config.yaml"]
    );
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn links_stay_and_their_target_is_written() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let (real, link) = (root.path().join("real/c.yaml"), root.path().join("c.yaml"));
    symlink("real/c.yaml", &link).unwrap();
    save(&link, "one").unwrap();
    assert_eq!(fs::read_to_string(&real).unwrap(), "one");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let (a, b) = (root.path().join("a"), root.path().join("b"));
    symlink(&b, &a).unwrap();
    symlink(&a, &b).unwrap();
    let error = save(&a, "one").unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("give the path of a file"));
    assert!(save(root.path(), "one").is_err());
}

#[test]
fn another_saver_is_named() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("c.yaml");
    save(&path, "one").unwrap();
    let lock = fs::File::open(root.path().join(".c.yaml.lock")).unwrap();
    lock.lock().unwrap();
    let error = save(&path, "two").unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} was not saved and is as it was", path.display())
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "one");
    drop(lock);
    save(&path, "two").unwrap();
}

/// The child of the tests below: saves again and again until it is killed.
#[test]
fn child() {
    let Some(path) = path_of_child() else { return };
    say("ready");
    for n in 0.. {
        if save(path.as_ref(), &whole(10_000 + n % 7 * 50_000)).is_err() {
            say("failed");
            return;
        }
    }
}

fn say(word: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{word}").unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test calls itself as another process"
)]
fn path_of_child() -> Option<String> {
    std::env::var("BIOXEN_SAVING_CHILD").ok()
}

fn start(path: &Path, limit: Option<&str>) -> std::process::Child {
    let program = std::env::current_exe().unwrap();
    let mut command = match limit {
        None => Command::new(program),
        Some(limit) => {
            let mut shell = Command::new("sh");
            // The limit of the size of a file stands for a disk that is full; its signal is ignored to get the error.
            shell.args([
                "-c",
                &format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\""),
            ]);
            shell.arg(program);
            shell
        }
    };
    command
        .args(["--exact", "saving::child", "--nocapture"])
        .env("BIOXEN_SAVING_CHILD", path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_kill_at_any_time_leaves_a_whole_file() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("c.yaml");
    save(&path, &whole(5)).unwrap();
    for round in 0..12 {
        let mut child = start(&path, None);
        let mut out = child.stdout.take().unwrap();
        // Reading what the child says, byte by byte, is the clock: each round kills it at another moment.
        let mut byte = [0];
        let mut seen = Vec::new();
        while !seen.ends_with(b"ready") {
            assert_eq!(out.read(&mut byte).unwrap(), 1, "the child ended");
            seen.push(byte[0]);
        }
        for _ in 0..round * 3 {
            assert_whole(&fs::read_to_string(&path).unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_whole(&fs::read_to_string(&path).unwrap());
    }
    // What a kill left behind is in nobody's way.
    save(&path, &whole(7)).unwrap();
    assert_eq!(names(root.path()), [".c.yaml.lock", "c.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_file() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("c.yaml");
    save(&path, &whole(5)).unwrap();
    // 64 blocks of 512 bytes hold the first text of the child and not the second.
    let child = start(&path, Some("64"));
    let out = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("failed"));
    let text = fs::read_to_string(&path).unwrap();
    assert_whole(&text);
    assert_eq!(text.len(), whole(10_000).len());
    assert_eq!(names(root.path()), [".c.yaml.lock", "c.yaml"]);
}
