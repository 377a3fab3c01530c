//! The command lines that a guest is sent: constants, as a shell reads them.

/// What is started in a guest to speak with its agent.
///
/// The shell of the user may be any; what it is given is one word for `sh`.
pub const AGENT_COMMAND: &str = r#"exec sh -c 'PATH="$HOME/.bioxen/bin:$PATH"; export PATH; exec bioxen_hypervisor serve --stdio'"#;

/// Prints the SHA-256 of the agent, or nothing if there is none of as many bytes as the first line of standard input says.
///
/// `openssl` uses what processors have for it, which many a `sha256sum` does not.
pub(super) const AGENT_SUM: &str = r#"exec sh -c 'IFS= read -r size || exit 1; file="$HOME/.bioxen/bin/bioxen_hypervisor"; test -f "$file" || exit 0; test "$(wc -c < "$file")" -eq "$size" || exit 0; sum=sha256sum; openssl version > /dev/null 2>&1 && sum="openssl dgst -sha256 -r"; exec $sum < "$file"'"#;

/// Puts the agent in its place, if what comes after the first line of standard input has the SHA-256 that the line says.
///
/// A transfer that was cut short looks like its end: without the comparison, half an agent would take the place of a whole one.
/// It is summed while it is written, and what could not be written whole is never compared: the word of a shell for that has letters that no sum has.
pub(super) const AGENT_PUT: &str = r#"exec sh -c 'umask 077; IFS= read -r want || exit 1; folder="$HOME/.bioxen/bin"; new="$folder/.incoming.$$"; mkdir -p "$folder" || exit 1; trap "rm -f \"\$new\"" EXIT; trap "exit 1" HUP INT TERM; sum=sha256sum; openssl version > /dev/null 2>&1 < /dev/null && sum="openssl dgst -sha256 -r"; got="$({ { tee "$new" || echo lost >&3; } | $sum; } 3>&1)" || exit 1; case "$got" in *lost*) exit 1;; esac; test "${got%% *}" = "$want" || { echo "what arrived is not what was sent" >&2; exit 1; }; chmod 700 "$new" && mv -f "$new" "$folder/bioxen_hypervisor"'"#;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use sha2::{Digest, Sha256};

    use super::{AGENT_PUT, AGENT_SUM};

    /// The home of a user, and programs that come before those of the system.
    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            let home = Self(tempfile::tempdir().unwrap());
            fs::create_dir_all(home.place().parent().unwrap()).unwrap();
            fs::write(home.place(), "old").unwrap();
            home
        }

        fn place(&self) -> PathBuf {
            self.0.path().join(".bioxen/bin/bioxen_hypervisor")
        }

        /// Has another program run under a name.
        fn replace(&self, name: &str, script: &str) {
            let path = self.0.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        }

        /// Exit code, standard output and standard error of a command line.
        fn run(&self, line: &str, input: &[u8]) -> (Option<i32>, String, String) {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(line).env("HOME", self.0.path());
            let path = [self.0.path(), Path::new("/usr/bin"), Path::new("/bin")];
            shell.env("PATH", std::env::join_paths(path).unwrap());
            shell.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = shell.stderr(Stdio::piped()).spawn().unwrap();
            // One that does not read to the end says so by its exit code.
            let _ = child.stdin.take().unwrap().write_all(input);
            let output = child.wait_with_output().unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (
                output.status.code(),
                text(&output.stdout),
                text(&output.stderr),
            )
        }
    }

    fn sum(bytes: &[u8]) -> String {
        let sum = Sha256::digest(bytes);
        sum.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    const AGENT: &[u8] = b"a line\nand another";

    #[track_caller]
    fn check_put(home: &Home, sum: &str, code: i32, said: &str, found: &[u8]) {
        let input = [sum.as_bytes(), b"\n", AGENT].concat();
        let (exit, _, stderr) = home.run(AGENT_PUT, &input);
        assert_eq!(exit, Some(code), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
        assert_eq!(fs::read(home.place()).unwrap(), found);
        let all = fs::read_dir(home.place().parent().unwrap()).unwrap();
        assert_eq!(all.count(), 1, "nothing else is left there");
    }

    #[test]
    fn an_agent_takes_its_place_when_its_sum_is_right() {
        check_sums(&Home::new());
        let home = Home::new();
        // A guest that has it not.
        home.replace("openssl", "exit 127");
        check_sums(&home);
        // The other one alone is enough too.
        let home = Home::new();
        home.replace("sha256sum", "exit 127");
        home.replace(
            "openssl",
            "test \"$1\" = version || PATH=/usr/bin:/bin sha256sum",
        );
        check_sums(&home);
    }

    #[track_caller]
    fn check_sums(home: &Home) {
        let (exit, found, _) = home.run(AGENT_SUM, b"3\n");
        assert_eq!((exit, &found[..64]), (Some(0), &*sum(b"old")));
        let other = sum(b"other");
        check_put(home, &other, 1, "what arrived is not what was sent", b"old");
        check_put(home, &sum(AGENT), 0, "", AGENT);
        let mode = fs::metadata(home.place()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn what_was_not_written_whole_takes_no_place_whatever_its_sum_is() {
        let home = Home::new();
        // As on a disk that is full: all goes on to the sum, and not all into the file.
        home.replace(
            "tee",
            "printf half > \"$1\"; cat; echo 'tee: no space' >&2; exit 1",
        );
        check_put(&home, &sum(AGENT), 1, "tee: no space", b"old");
        home.replace(
            "tee",
            "printf half > \"$1\"; cat; echo 'tee: killed' >&2; kill -9 $$",
        );
        check_put(&home, &sum(AGENT), 1, "tee: killed", b"old");
    }

    #[test]
    fn an_agent_of_another_length_is_not_summed() {
        let home = Home::new();
        let asked = |length: &str| home.run(AGENT_SUM, format!("{length}\n").as_bytes());
        let (exit, found, _) = asked("3");
        assert_eq!((exit, &found[..64]), (Some(0), &*sum(b"old")));
        assert_eq!(asked("4"), (Some(0), String::new(), String::new()));
        home.replace("wc", "echo '      3'");
        assert_eq!(asked("3").0, Some(0));
        fs::remove_file(home.place()).unwrap();
        assert_eq!(asked("3"), (Some(0), String::new(), String::new()));
    }
}
