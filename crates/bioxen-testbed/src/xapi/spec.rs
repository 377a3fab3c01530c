//! What a pool is made of.

use std::time::Duration;

/// A pool to build.
///
/// The default has one host, a disk storage, one for ISO images, two networks and one shipped template; templates of one's own are added to it.
#[derive(Clone, Debug)]
pub struct PoolSpec {
    /// Draws all identifiers: the same seed and calls give the same ones.
    pub seed: u64,
    /// Name of the pool.
    pub name: String,
    /// Name of the only user.
    pub user: String,
    /// Password of the user.
    pub password: String,
    /// The hosts; the first is the master.
    pub hosts: Vec<HostSpec>,
    /// The storages; the first that holds disks is the default one.
    pub storages: Vec<StorageSpec>,
    /// The networks; an internal management network comes on its own.
    pub networks: Vec<NetworkSpec>,
    /// The templates, besides the one that is shipped.
    pub templates: Vec<TemplateSpec>,
    /// How long things take.
    pub timings: Timings,
    /// The date at time zero, in seconds since 1970.
    pub epoch: u64,
    /// Whether memory of a VM may vary while it runs, which needs a licence.
    pub ballooning: bool,
}

/// A host.
#[derive(Clone, Debug)]
pub struct HostSpec {
    /// Its name.
    pub name: String,
    /// Its address, as members tell it of the master: without scheme and port.
    pub address: String,
    /// Its memory in bytes.
    pub memory: u64,
    /// What its control domain takes of it.
    pub control_memory: u64,
}

/// A storage.
#[derive(Clone, Debug)]
pub struct StorageSpec {
    /// Its name.
    pub name: String,
    /// `ext`, `nfs`, `iso` or another driver.
    pub driver: String,
    /// What it holds: `user` for disks, `iso` for images of discs.
    pub content: String,
    /// Whether all hosts see it; otherwise it belongs to the first.
    pub shared: bool,
    /// Its size in bytes.
    pub size: u64,
}

/// A network.
#[derive(Clone, Debug)]
pub struct NetworkSpec {
    /// Its name.
    pub name: String,
    /// Its bridge.
    pub bridge: String,
}

/// A template.
#[derive(Clone, Debug)]
pub struct TemplateSpec {
    /// Its name, which need not be the only one of its kind.
    pub name: String,
    /// Sizes of its disks in bytes.
    pub disks: Vec<u64>,
    /// Its memory in bytes.
    pub memory: u64,
    /// Its virtual processors.
    pub vcpus: u32,
    /// Its tags.
    pub tags: Vec<String>,
    /// Number of its network interfaces, all in the first network.
    pub interfaces: u32,
    /// An address that its guest reported before it became a template; clones carry it until they start.
    pub stale_address: Option<String>,
    /// What its guests do.
    pub guest: GuestSpec,
}

/// What a guest does once its VM runs.
#[derive(Clone, Debug)]
pub struct GuestSpec {
    /// Time from the start until its drivers tell what they can do; never without drivers.
    pub drivers_after: Option<Duration>,
    /// Time from the start until its agent reports addresses; never without an agent.
    pub address_after: Option<Duration>,
    /// How it takes a request to shut down.
    pub shutdown: ShutdownHabit,
    /// Time from the start until it powers itself off.
    pub off_after: Option<Duration>,
}

/// How a guest takes a request to shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownHabit {
    /// It does.
    Obeys,
    /// It does not even acknowledge.
    Ignores,
    /// It acknowledges and goes on.
    Hangs,
}

/// How long things take.
#[derive(Clone, Debug)]
pub struct Timings {
    /// The least time of a task.
    pub least: Duration,
    /// `VM.clone`, `VM.snapshot`.
    pub clone: Duration,
    /// `VM.copy`, for each disk.
    pub copy: Duration,
    /// `VM.start`, `VM.resume`.
    pub start: Duration,
    /// A guest that obeys shuts down.
    pub clean_shutdown: Duration,
    /// `VM.hard_shutdown`, `VM.destroy` and other short work.
    pub short: Duration,
    /// `VM.suspend`, `VM.checkpoint`, `VM.revert`.
    pub suspend: Duration,
    /// A guest that does not acknowledge is given up.
    pub acknowledgment: Duration,
    /// A guest that hangs while it shuts down is given up.
    pub shutdown_limit: Duration,
    /// From the start of a VM until its empty record of guest metrics appears.
    pub empty_metrics: Duration,
    /// Disks of a VM that was shut down stay attached for this long.
    pub detach: Duration,
    /// A wrong password is answered after this.
    pub wrong_password: Duration,
    /// Shortest and longest pause between tries to get a VM that is busy.
    pub lock_retry: (Duration, Duration),
    /// A busy VM is given up after this.
    pub lock_wait: Duration,
    /// A session without calls dies.
    pub session_idle: Duration,
    /// A task that is over is deleted.
    pub task_life: Duration,
}

const GIB: u64 = 1 << 30;

impl PoolSpec {
    /// The default pool with one template of one's own.
    pub fn with_template(template: TemplateSpec) -> Self {
        Self {
            templates: vec![template],
            ..Self::default()
        }
    }
}

impl Default for PoolSpec {
    fn default() -> Self {
        Self {
            seed: 1,
            name: "testbed".to_owned(),
            user: "root".to_owned(),
            password: "password".to_owned(),
            hosts: vec![HostSpec::new("xcp-1", "127.0.0.1")],
            storages: vec![
                StorageSpec {
                    name: "Local storage".to_owned(),
                    driver: "ext".to_owned(),
                    content: "user".to_owned(),
                    shared: false,
                    size: 200 * GIB,
                },
                StorageSpec {
                    name: "ISO images".to_owned(),
                    driver: "iso".to_owned(),
                    content: "iso".to_owned(),
                    shared: true,
                    size: 20 * GIB,
                },
            ],
            networks: vec![NetworkSpec {
                name: "Pool-wide network associated with eth0".to_owned(),
                bridge: "xenbr0".to_owned(),
            }],
            templates: Vec::new(),
            timings: Timings::default(),
            epoch: 1_787_277_600,
            ballooning: false,
        }
    }
}

impl HostSpec {
    /// A host of 32 GiB.
    pub fn new(name: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            memory: 32 * GIB,
            control_memory: 2 * GIB,
        }
    }
}

impl TemplateSpec {
    /// A template with one disk, one interface, drivers and an agent.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            disks: vec![10 * GIB],
            memory: 2 * GIB,
            vcpus: 1,
            tags: Vec::new(),
            interfaces: 1,
            stale_address: None,
            guest: GuestSpec::default(),
        }
    }
}

impl Default for GuestSpec {
    fn default() -> Self {
        Self {
            drivers_after: Some(Duration::from_secs(8)),
            address_after: Some(Duration::from_secs(12)),
            shutdown: ShutdownHabit::Obeys,
            off_after: None,
        }
    }
}

impl Default for Timings {
    /// About what a pool of one good host takes, but for the waits that the server makes by itself, which are shortened.
    fn default() -> Self {
        let s = Duration::from_secs;
        let ms = Duration::from_millis;
        Self {
            least: ms(20),
            clone: ms(1_500),
            copy: s(40),
            start: s(3),
            clean_shutdown: s(6),
            short: ms(800),
            suspend: s(10),
            acknowledgment: s(60),
            shutdown_limit: s(1_200),
            empty_metrics: ms(300),
            detach: ms(400),
            wrong_password: ms(500),
            lock_retry: (ms(100), s(2)),
            lock_wait: s(60),
            session_idle: s(24 * 3_600),
            task_life: s(65 * 60),
        }
    }
}

impl Timings {
    /// Times for tests against the real clock: all is over within fractions of a second.
    pub fn quick() -> Self {
        let ms = Duration::from_millis;
        Self {
            least: ms(1),
            clone: ms(5),
            copy: ms(10),
            start: ms(5),
            clean_shutdown: ms(10),
            short: ms(2),
            suspend: ms(10),
            acknowledgment: ms(50),
            shutdown_limit: ms(100),
            empty_metrics: ms(2),
            detach: ms(5),
            wrong_password: ms(10),
            lock_retry: (ms(2), ms(10)),
            lock_wait: ms(200),
            ..Self::default()
        }
    }
}
