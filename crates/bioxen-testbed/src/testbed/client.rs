//! What a client is told of a testbed.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{TEMPLATE, Testbed};

impl Testbed {
    /// Writes the password to a file in its folder that this user alone can read.
    ///
    /// # Errors
    ///
    /// The file cannot be written, or is there already.
    pub fn write_password(&self) -> io::Result<PathBuf> {
        let path = self.folder().join("password");
        let (_, password) = self.login();
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        writeln!(file, "{password}")?;
        Ok(path)
    }

    /// The text of a configuration file for the command `bioxen`, YAML, with the file that has the password, and the agent that the client brings to guests.
    pub fn client_config(&self, password: &Path, agent: Option<&Path>) -> String {
        let (user, _) = self.login();
        let mut lines = vec!["vm_type: xcpng".to_owned(), "xcpng_config:".to_owned()];
        let mut add = |name: &str, value: String| lines.push(format!("  {name}: {value}"));
        add("xapi_url", quoted(&self.url()));
        add("username", quoted(user));
        add("password_file", quoted(&password.to_string_lossy()));
        if !self.pins().is_empty() {
            let pins: Vec<String> = self.pins().iter().map(|pin| quoted(pin)).collect();
            add("tls_pins", format!("[{}]", pins.join(", ")));
        }
        add("template_name", quoted(TEMPLATE));
        add("ssh_user", quoted(&self.ssh_user()));
        let key = self.client_key().private().to_string_lossy();
        add("ssh_key_path", quoted(&key));
        add("ssh_port", self.ssh_port().to_string());
        add("ssh_host_keys", format!("[{}]", quoted(self.host_key())));
        add("guest_networks", "[\"127.0.0.0/8\"]".to_owned());
        if let Some(agent) = agent {
            add("agent_path", quoted(&agent.to_string_lossy()));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

/// Text as YAML takes it: what JSON writes is YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
