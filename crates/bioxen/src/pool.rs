//! From a configuration to a pool of XCP-ng and VMs in it.

use std::path::{Path, PathBuf};

use bioxen_config::{Config, SecretError, Surroundings, XcpngConfig};
use bioxen_core::{Infrastructure, InvalidName, PackageName, Seed, SpecError, VmId};
use bioxen_xcpng::xapi::{AddressFilter, InvalidCidr, NameOrUuid};
use bioxen_xcpng::{
    Endpoint, GuestHostKeys, InvalidEndpoint, InvalidPin, InvalidPublicKey, PlainHttp, SshAuth,
    SshOptions, Trust, XapiOptions, XcpngBiologicalVm, XcpngOptions, XcpngPool, plan_vm,
};
use thiserror::Error;

use crate::configured::vm_spec;

/// Template of guests, if the configuration names none.
const TEMPLATE: &str = "bioxen-bio-template";

/// Memory of guests, if the configuration says none, bytes.
const MEMORY: u64 = 2_000_000_000;

/// Virtual processors of guests, if the configuration says none.
const VCPUS: u32 = 2;

/// How the pool of a configuration is met: the password is fetched from where it is, and nothing is sent.
///
/// What is done in a pool is written down in a folder of its own below `state`, by the host and the port of its address.
///
/// # Errors
///
/// [`PoolConfigError`] if the section `xcpng_config` is missing, if the password cannot be had, or for a value that is none.
pub fn pool_options(
    config: &Config,
    state: &Path,
    surroundings: &Surroundings,
) -> Result<XcpngOptions, PoolConfigError> {
    let asked = config
        .xcpng_config
        .as_ref()
        .ok_or(PoolConfigError::NoSection)?;
    let url = &asked.xapi_url;
    let address = format!("https://{}:{}", url.host(), url.port());
    let endpoint = Endpoint::parse(&address, PlainHttp::Refused)?;
    let password = asked.password.resolve(surroundings)?;
    let mut xapi = XapiOptions::new(endpoint, asked.username.clone(), password, trust(asked)?);
    if let Some(limit) = asked.request_timeout {
        xapi.limits.call = limit.duration();
    }
    // Several programs that try again should not do so at the same moment.
    xapi.jitter = bioxen_agent::draw_seed().get();
    let mut ssh = SshOptions::new(asked.ssh_user.clone(), auth(asked, surroundings)?);
    ssh.port = asked.ssh_port.unwrap_or(ssh.port);
    let template = asked.template_name.as_deref().unwrap_or(TEMPLATE);
    let state = state.join("xcpng").join(folder(url.host(), url.port()));
    let mut options = XcpngOptions::new(xapi, ssh, NameOrUuid::from(template), state);
    options.memory = Some(asked.vm_memory.map_or(MEMORY, |size| size.bytes()));
    options.vcpus = Some(asked.vm_vcpus.unwrap_or(VCPUS));
    options.storage = asked.storage_repository.clone();
    options.network = asked.network.clone();
    options.host = asked.host.clone();
    options.agent = asked.agent_path.clone();
    options.addresses = addresses(asked)?;
    options.guest_host_keys = match asked.own_host_keys {
        true => GuestHostKeys::Own,
        false => GuestHostKeys::Template,
    };
    options.host_keys = asked
        .ssh_host_keys
        .iter()
        .map(|line| {
            line.parse().map_err(|source| PoolConfigError::HostKey {
                line: line.clone(),
                source,
            })
        })
        .collect::<Result<_, _>>()?;
    if let Some(limit) = asked.start_timeout {
        options.limits.ready = limit.duration();
    }
    Ok(options)
}

/// Plans a VM in the pool of a configuration, with the packages that it names; the pool is met when the VM is started.
///
/// # Errors
///
/// [`PoolConfigError`] as [`pool_options`], and if the configuration names no organism or a package by its path.
pub fn plan_configured_vm(
    config: &Config,
    id: VmId,
    seed: Seed,
    state: &Path,
    surroundings: &Surroundings,
) -> Result<XcpngBiologicalVm, PoolConfigError> {
    let organism = config.organism.ok_or(PoolConfigError::NoOrganism)?;
    let options = pool_options(config, state, surroundings)?;
    let spec = vm_spec(config, id, organism, seed)
        .infrastructure(Infrastructure::Xcpng)
        .build()?;
    let packages = package_names(config)?;
    Ok(plan_vm(
        move || XcpngPool::connect(options.clone()),
        spec,
        packages,
    ))
}

/// Packages are those of the agents: by name, since a path leads nowhere in a guest.
fn package_names(config: &Config) -> Result<Vec<PackageName>, PoolConfigError> {
    config
        .packages
        .install
        .iter()
        .map(|text| match text.contains('/') {
            true => Err(PoolConfigError::PackagePath { text: text.clone() }),
            false => Ok(PackageName::new(text)?),
        })
        .collect()
}

fn trust(asked: &XcpngConfig) -> Result<Trust, PoolConfigError> {
    if asked.tls_insecure {
        return Ok(Trust::Insecure);
    }
    if let Some(path) = &asked.tls_ca_file {
        return Ok(Trust::CaFile(path.clone()));
    }
    if asked.tls_pins.is_empty() {
        return Ok(Trust::SystemRoots);
    }
    let pins = asked.tls_pins.iter().map(|pin| pin.parse());
    let pins: Result<_, InvalidPin> = pins.collect::<Result<_, _>>();
    Ok(Trust::Pins(pins?))
}

fn auth(asked: &XcpngConfig, surroundings: &Surroundings) -> Result<SshAuth, PoolConfigError> {
    if let Some(path) = &asked.ssh_key_path {
        return Ok(SshAuth::KeyFile {
            path: path.clone(),
            passphrase: None,
        });
    }
    let socket = surroundings.environment.get("SSH_AUTH_SOCK");
    let socket = socket.ok_or(PoolConfigError::NoSshKey)?;
    Ok(SshAuth::Agent {
        socket: PathBuf::from(socket),
    })
}

/// Loopback counts only for who names it.
fn addresses(asked: &XcpngConfig) -> Result<AddressFilter, PoolConfigError> {
    let cidrs: Result<Vec<_>, _> = asked
        .guest_networks
        .iter()
        .map(|range| {
            range.parse().map_err(|source| PoolConfigError::Network {
                range: range.clone(),
                source,
            })
        })
        .collect();
    let cidrs = cidrs?;
    Ok(AddressFilter {
        allow_loopback: !cidrs.is_empty(),
        cidrs,
        ..AddressFilter::default()
    })
}

/// A folder for a pool, whatever characters the address of its host has.
fn folder(host: &str, port: u16) -> String {
    let plain = |c: char| match c {
        'a'..='z' | '0'..='9' | '.' | '-' => c,
        _ => '_',
    };
    let host: String = host.to_ascii_lowercase().chars().map(plain).collect();
    format!("{host}_{port}")
}

/// Why a configuration leads to no pool.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PoolConfigError {
    /// It has no section for XCP-ng, or it lacks something.
    #[error("the configuration does not say where the XCP-ng pool is")]
    NoSection,
    /// It names no organism.
    #[error("the configuration does not say of which organism the cell is")]
    NoOrganism,
    /// There is no key for guests.
    #[error("there is no key for the user of the guests: no ssh_key_path, and no agent of SSH")]
    NoSshKey,
    /// The address of the pool is none.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// The password cannot be had.
    #[error("the password of the pool cannot be had")]
    Password(#[from] SecretError),
    /// A pin is none.
    #[error(transparent)]
    Pin(#[from] InvalidPin),
    /// A host key is none.
    #[error("{line:?} is no public host key")]
    HostKey {
        /// The line.
        line: String,
        /// Why not.
        source: InvalidPublicKey,
    },
    /// A range of addresses is none.
    #[error("{range:?} is no range of addresses")]
    Network {
        /// It.
        range: String,
        /// Why not.
        source: InvalidCidr,
    },
    /// A package is named by its path.
    #[error("package {text} is named by its path, which leads nowhere in a guest")]
    PackagePath {
        /// The path.
        text: String,
    },
    /// A package has a name that none can have.
    #[error(transparent)]
    PackageName(#[from] InvalidName),
    /// The specification is not one.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl PoolConfigError {
    /// What to do about it, where the cause does not say so itself.
    pub fn hint(&self) -> Option<String> {
        let advice = match self {
            Self::NoSection => {
                "bioxen config init --type xcpng writes a file to begin with; fill in xapi_url, username, a password and ssh_user"
            }
            Self::NoOrganism => "add organism: syn3a, ecoli or minimal_cell",
            Self::NoSshKey => "give xcpng_config.ssh_key_path, or start an agent of SSH",
            Self::HostKey { .. } => {
                "copy the line from /etc/ssh/ssh_host_ed25519_key.pub of the template"
            }
            Self::Network { .. } => "write it as 10.0.0.0/8 or fd00::/8",
            Self::PackagePath { .. } => "install the package in the template, then give its name",
            Self::Endpoint(refused) => return refused.hint().map(str::to_owned),
            Self::Spec(refused) => return refused.hint(),
            Self::Password(_) | Self::Pin(_) | Self::PackageName(_) => return None,
        };
        Some(advice.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn each_pool_has_a_folder_of_its_own() {
        assert_eq!(folder("xcp.example.org", 443), "xcp.example.org_443");
        assert_eq!(folder("[fd00::1]", 8443), "_fd00__1__8443");
        assert_eq!(folder("../up", 443), ".._up_443");
    }
}
