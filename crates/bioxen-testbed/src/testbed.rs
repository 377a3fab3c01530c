//! A pool whose VMs are guests that run.

mod client;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::guests::key::{make, public_line};
use crate::guests::{ClientKey, Faults, Guest, GuestError, GuestPlan, KeyType, Loopback, Proxy};
use crate::xapi::{
    Addresses, BuildError, GuestSpec, Guests, HostSpec, Identity, Pool, PoolSpec, ServerError,
    ServerSpec, StartedVm, TemplateSpec, Timings, XapiServer,
};

/// Name of the template of a testbed.
pub const TEMPLATE: &str = "bioxen-bio-template";

/// What a testbed is made of.
#[derive(Clone, Debug)]
pub struct TestbedSpec {
    /// The pool; without templates, it gets one of the name [`TEMPLATE`].
    pub pool: PoolSpec,
    /// Agent that guests have from the beginning; none if `None`, so that a client brings it.
    pub agent: Option<PathBuf>,
    /// Whether guests take the host keys that are handed to them, as those of a template with `bioxen-host-key.service` do.
    pub takes_host_keys: bool,
    /// Whether XAPI is behind TLS.
    pub tls: bool,
    /// Port of XAPI on all hosts; 0 stands for a free one.
    pub port: u16,
    /// What connections to guests meet on their way; nothing is in between if `None`.
    pub way: Option<Faults>,
}

impl TestbedSpec {
    /// Two hosts behind TLS, where all is over within fractions of a second.
    pub fn quick(agent: Option<PathBuf>) -> Self {
        let mut template = TemplateSpec::new(TEMPLATE);
        template.guest = GuestSpec {
            drivers_after: Some(Duration::from_millis(5)),
            address_after: Some(Duration::from_millis(10)),
            ..GuestSpec::default()
        };
        Self {
            pool: PoolSpec {
                hosts: vec![
                    HostSpec::new("xcp-1", "127.0.0.1"),
                    HostSpec::new("xcp-2", "127.0.0.2"),
                ],
                timings: Timings::quick(),
                templates: vec![template],
                ..PoolSpec::default()
            },
            agent,
            takes_host_keys: true,
            tls: true,
            port: 0,
            way: None,
        }
    }

    /// As [`quick`](Self::quick), at a pace that people can follow: a clone takes a second, and a guest has its address three seconds after its start.
    pub fn demo(agent: Option<PathBuf>) -> Self {
        let ms = Duration::from_millis;
        let mut spec = Self::quick(agent);
        for template in &mut spec.pool.templates {
            template.guest.drivers_after = Some(ms(2_000));
            template.guest.address_after = Some(ms(3_000));
        }
        spec.pool.timings = Timings {
            clone: ms(1_000),
            copy: ms(3_000),
            start: ms(1_000),
            clean_shutdown: ms(1_500),
            short: ms(300),
            suspend: ms(1_500),
            ..Timings::default()
        };
        spec
    }

    /// As before, with so many hosts of so much memory each, in bytes; they listen at 127.0.0.1, 127.0.0.2 and so on.
    #[must_use]
    pub fn with_hosts(mut self, hosts: u8, memory: Option<u64>) -> Self {
        let host = |number: u8| {
            let name = format!("xcp-{number}");
            let mut host = HostSpec::new(&name, &format!("127.0.0.{number}"));
            host.memory = memory.unwrap_or(host.memory);
            host
        };
        self.pool.hosts = (1..=hosts.max(1)).map(host).collect();
        self
    }
}

/// A pool that listens, and the guests of its VMs.
///
/// All ends when it is dropped.
#[derive(Debug)]
pub struct Testbed {
    // Guests end with the server, and their files last.
    server: XapiServer,
    pins: Vec<String>,
    key: ClientKey,
    host_key: String,
    port: u16,
    user: String,
    password: String,
    folder: tempfile::TempDir,
}

impl Testbed {
    /// Brings a testbed up.
    ///
    /// # Errors
    ///
    /// [`TestbedError`] names what is missing on this machine.
    pub fn start(mut spec: TestbedSpec) -> Result<Self, TestbedError> {
        let folder = tempfile::Builder::new()
            .prefix("bioxen-testbed-")
            .tempdir()
            .map_err(TestbedError::Folder)?;
        let key = ClientKey::make(folder.path())?;
        let template = folder.path().join("template");
        fs::create_dir(&template).map_err(TestbedError::Folder)?;
        let host_key = template.join(HOST_KEY);
        make(&host_key, KeyType::Ed25519)?;
        let network = Loopback::new()?;
        let port = network.port();
        if spec.pool.templates.is_empty() {
            spec.pool.templates.push(TemplateSpec::new(TEMPLATE));
        }
        let (user, password) = (spec.pool.user.clone(), spec.pool.password.clone());
        let mut pool = Pool::new(&spec.pool)?;
        pool.set_guests(RealGuests {
            folder: folder.path().to_owned(),
            authorized: key.public().to_owned(),
            agent: spec.agent,
            takes_host_keys: spec.takes_host_keys,
            way: spec.way,
            network,
            running: BTreeMap::new(),
        });
        let mut server = match spec.tls {
            true => ServerSpec::tls(pool.host_count())?,
            false => ServerSpec::plain(),
        };
        server.port = spec.port;
        let pins = server.identities.iter().map(Identity::fingerprint);
        let pins = pins.collect::<Result<_, _>>()?;
        Ok(Self {
            server: XapiServer::start(pool, &server)?,
            pins,
            host_key: public_line(&host_key)?,
            key,
            port,
            user,
            password,
            folder,
        })
    }

    /// The pool.
    pub fn server(&self) -> &XapiServer {
        &self.server
    }

    /// URL of the master.
    pub fn url(&self) -> String {
        self.server.url(0).unwrap_or_default()
    }

    /// SHA-256 of the certificate of the master, hexadecimal.
    pub fn pin(&self) -> Option<&str> {
        self.pins.first().map(String::as_str)
    }

    /// The same of all hosts, the master first; none without TLS.
    pub fn pins(&self) -> &[String] {
        &self.pins
    }

    /// User and password of XAPI.
    pub fn login(&self) -> (&str, &str) {
        (&self.user, &self.password)
    }

    /// The key of clients of guests.
    pub fn client_key(&self) -> &ClientKey {
        &self.key
    }

    /// The line of the public host key of the template, which all guests have but those that take one of their own.
    pub fn host_key(&self) -> &str {
        &self.host_key
    }

    /// Port of the SSH servers of all guests.
    pub fn ssh_port(&self) -> u16 {
        self.port
    }

    /// Name of the user in guests: that of this process.
    pub fn ssh_user(&self) -> String {
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid());
        user.ok()
            .flatten()
            .map_or_else(|| "root".to_owned(), |user| user.name)
    }

    /// Folder with all that is of the testbed.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Brings a guest up and ends it again, to see that this machine can have guests.
    ///
    /// # Errors
    ///
    /// [`GuestError`] says what is missing.
    pub fn try_guest(&self) -> Result<(), GuestError> {
        let folder = self.folder.path().join("trial");
        let address = Loopback::with_port(self.port).address()?;
        Guest::start(GuestPlan::new(folder, address, self.key.public()))?.remove()
    }

    /// Ends all guests and the pool, and removes the folder; a drop does the same and tells nobody how it went.
    ///
    /// # Errors
    ///
    /// [`TestbedError::Folder`] if something of the folder is left.
    pub fn end(self) -> Result<(), TestbedError> {
        let Self { server, folder, .. } = self;
        // The pool has the guests.
        drop(server);
        folder.close().map_err(TestbedError::Folder)
    }
}

const HOST_KEY: &str = "host_ed25519_key";

/// Guests whose files are those of their first disk.
#[derive(Debug)]
struct RealGuests {
    folder: PathBuf,
    authorized: String,
    agent: Option<PathBuf>,
    takes_host_keys: bool,
    way: Option<Faults>,
    network: Loopback,
    running: BTreeMap<String, (Guest, Option<Proxy>)>,
}

impl RealGuests {
    fn start(&self, vm: &StartedVm) -> Result<Guest, String> {
        let said = |error: GuestError| error.to_string();
        // A VM without a disk has files for as long as it is there.
        let disk = vm.disks.first().unwrap_or(&vm.uuid);
        let folder = self.folder.join(disk);
        if !folder.exists() {
            self.clone_template(&folder)
                .map_err(|error| format!("the disk cannot be made: {error}"))?;
        }
        let address = self.network.address().map_err(said)?;
        let mut plan = GuestPlan::new(&folder, address, &self.authorized);
        if self.takes_host_keys {
            plan.vm_data.clone_from(&vm.vm_data);
        }
        if let Some(agent) = &self.agent {
            plan = plan.with_agent(agent);
        }
        Guest::start(plan).map_err(said)
    }

    /// Where a guest is found, and what is in between.
    fn way_to(&self, guest: &Guest) -> Result<(SocketAddr, Option<Proxy>), String> {
        let own = guest.address();
        let Some(way) = &self.way else {
            return Ok((own, None));
        };
        let at = self.network.address().map_err(|error| error.to_string())?;
        let proxy = Proxy::start_at(at.into(), own, way.clone());
        let proxy = proxy.map_err(|error| format!("there is no way to it: {error}"))?;
        Ok((at.into(), Some(proxy)))
    }

    /// All that a template has is its host key.
    fn clone_template(&self, folder: &Path) -> io::Result<()> {
        let template = self.folder.join("template");
        fs::create_dir(folder)?;
        for name in [HOST_KEY.to_owned(), format!("{HOST_KEY}.pub")] {
            fs::copy(template.join(&name), folder.join(&name))?;
        }
        Ok(())
    }
}

impl Guests for RealGuests {
    fn started(&mut self, vm: &StartedVm) -> Result<Addresses, String> {
        let guest = self.start(vm)?;
        let (address, proxy) = self.way_to(&guest)?;
        self.running.insert(vm.uuid.clone(), (guest, proxy));
        Ok(Addresses::ipv4(&address.ip().to_string()))
    }

    fn stopped(&mut self, vm_uuid: &str) {
        // As a power cut: what the agent acknowledged must be there afterwards all the same.
        if let Some((guest, _)) = self.running.remove(vm_uuid)
            && let Err(error) = guest.kill()
        {
            tracing::warn!(%error, "a guest did not end");
        }
    }

    fn paused(&mut self, vm_uuid: &str) {
        if let Some((guest, _)) = self.running.get_mut(vm_uuid)
            && let Err(error) = guest.pause()
        {
            tracing::warn!(%error, "a guest cannot be paused");
        }
    }

    fn unpaused(&mut self, vm_uuid: &str) {
        if let Some((guest, _)) = self.running.get_mut(vm_uuid)
            && let Err(error) = guest.unpause()
        {
            tracing::warn!(%error, "a guest cannot go on");
        }
    }
}

/// Why there is no testbed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TestbedError {
    /// A temporary folder.
    #[error("the folder of the testbed cannot be made or removed")]
    Folder(#[source] io::Error),
    /// Guests.
    #[error(transparent)]
    Guest(#[from] GuestError),
    /// The pool cannot be built.
    #[error(transparent)]
    Pool(#[from] BuildError),
    /// The pool cannot listen.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl TestbedError {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Guest(error) => error.hint(),
            Self::Folder(_) => Some("make the folder for temporary files writable, or name another one with the variable TMPDIR".to_owned()),
            Self::Server(ServerError::Listen(_)) => {
                Some("choose a port that nobody uses, or 0 for any".to_owned())
            }
            Self::Pool(_) | Self::Server(_) => None,
        }
    }
}
