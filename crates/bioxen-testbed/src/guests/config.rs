//! The files of a guest, and the configuration of its server.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use super::error::GuestError;
use super::key;
use super::plan::{GuestPlan, KeyType};
use super::xenstore;

/// The files of a guest.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) folder: PathBuf,
}

/// Longest path of a folder; the socket of a daemon in it has at most 108 bytes.
const LONGEST: usize = 80;

impl Files {
    pub(super) fn of(plan: &GuestPlan) -> Result<Self, GuestError> {
        let folder = std::path::absolute(&plan.folder)
            .map_err(GuestError::file(&plan.folder, "finding it"))?;
        let is_plain = folder.to_str().is_some_and(|text| {
            text.len() <= LONGEST
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
        });
        if is_plain {
            Ok(Self { folder })
        } else {
            Err(GuestError::Folder { path: folder })
        }
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    pub(super) fn config(&self) -> PathBuf {
        self.folder.join("sshd_config")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("sshd.log")
    }

    fn authorized(&self) -> PathBuf {
        self.folder.join("authorized_keys")
    }

    fn host_key(&self, kind: KeyType) -> PathBuf {
        self.folder.join(format!("host_{}_key", kind.name()))
    }

    /// Makes what is not there yet.
    pub(super) fn prepare(&self, plan: &GuestPlan) -> Result<(), GuestError> {
        let bin = self.home().join(".bioxen/bin");
        for folder in [&self.folder, &self.state(), &bin] {
            private(folder)?;
        }
        for kind in &plan.host_keys {
            key::make(&self.host_key(*kind), *kind)?;
        }
        let handed = self.folder.join("xenstore");
        xenstore::write(&handed, &plan.vm_data)?;
        let host_key = self.host_key(KeyType::Ed25519);
        xenstore::take_host_key(&handed, &self.folder.join("tools"), &host_key)?;
        let agent = bin.join("bioxen_hypervisor");
        if let Some(program) = &plan.agent
            && !agent.exists()
        {
            if !program.is_file() {
                let path = program.clone();
                return Err(GuestError::NoAgent { path });
            }
            let program = std::path::absolute(program);
            let program = program.map_err(GuestError::file(&agent, "finding it"))?;
            // One that leads nowhere may be in the way.
            let _ = fs::remove_file(&agent);
            symlink(program, &agent).map_err(GuestError::file(&agent, "making a link"))?;
        }
        let mut keys = plan.authorized.join("\n");
        keys.push('\n');
        write(&self.authorized(), &keys)?;
        write(&self.config(), &self.text(plan))
    }

    pub(super) fn public_keys(&self, plan: &GuestPlan) -> Result<Vec<String>, GuestError> {
        let keys = plan.host_keys.iter();
        keys.map(|kind| key::public_line(&self.host_key(*kind)))
            .collect()
    }

    /// What `sshd` is told.
    ///
    /// The variables keep guests apart: nobody's start-up files are read, and every guest has VMs of its own.
    fn text(&self, plan: &GuestPlan) -> String {
        let address = plan.address;
        let mut lines = vec![format!("ListenAddress {}:{}", address.ip(), address.port())];
        for kind in &plan.host_keys {
            lines.push(format!("HostKey {}", self.host_key(*kind).display()));
        }
        lines.push(format!(
            "AuthorizedKeysFile {}",
            self.authorized().display()
        ));
        lines.push(format!(
            "SetEnv HOME={} BIOXEN_STATE={}",
            self.home().display(),
            self.state().display()
        ));
        lines.push(format!("MaxSessions {}", plan.max_sessions));
        lines.push(format!("LogLevel {}", plan.log_level));
        lines.push(CONSTANT.to_owned());
        lines.join("\n")
    }
}

/// The same for all guests.
const CONSTANT: &str = "\
PidFile none
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
UseDNS no
DisableForwarding yes
PermitUserRC no
PermitRootLogin prohibit-password
PrintMotd no
MaxStartups 100:30:200
";

fn private(folder: &Path) -> Result<(), GuestError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(GuestError::file(folder, "making it"))
}

fn write(path: &Path, text: &str) -> Result<(), GuestError> {
    fs::write(path, text).map_err(GuestError::file(path, "writing"))
}

#[cfg(test)]
mod tests {
    use super::{Files, GuestPlan, KeyType};

    #[test]
    fn the_configuration_names_the_files_of_the_guest() {
        let address = "127.1.2.3:4022".parse().unwrap();
        let mut plan = GuestPlan::new("/guests/a", address, "ssh-ed25519 AAAA");
        plan.host_keys.push(KeyType::Rsa);
        plan.max_sessions = 3;
        let text = Files::of(&plan).unwrap().text(&plan);
        for line in [
            "ListenAddress 127.1.2.3:4022",
            "HostKey /guests/a/host_ed25519_key",
            "HostKey /guests/a/host_rsa_key",
            "AuthorizedKeysFile /guests/a/authorized_keys",
            "SetEnv HOME=/guests/a/home BIOXEN_STATE=/guests/a/state",
            "MaxSessions 3",
            "LogLevel VERBOSE",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_folder_that_a_configuration_cannot_name_is_refused() {
        let address = "127.1.2.3:4022".parse().unwrap();
        let long = format!("/{}", "a".repeat(100));
        for folder in [
            "/with space",
            "/with\"quote",
            "/with%h",
            "/with\nline",
            &long,
        ] {
            let plan = GuestPlan::new(folder, address, "");
            assert!(Files::of(&plan).is_err(), "{folder:?}");
        }
    }
}
