//! A pool behind TLS whose VMs have no guests.

use std::path::Path;
use std::time::Duration;

use bioxen_core::Secret;
use bioxen_testbed::xapi::{Census, Fault, Identity, Plan, Pool, ServerSpec, XapiServer};
use bioxen_testbed::{TEMPLATE, TestbedSpec};
use bioxen_xcpng::xapi::NameOrUuid;
use bioxen_xcpng::{
    CertificatePin, Endpoint, PlainHttp, SshAuth, SshOptions, Trust, XapiOptions, XcpngOptions,
    XcpngPool,
};

pub(super) struct Bare {
    pub(super) server: XapiServer,
    pins: Vec<CertificatePin>,
    pub(super) state: tempfile::TempDir,
    /// Sessions and tasks that no client can know of by now.
    nameless: (usize, usize),
}

impl Bare {
    pub(super) fn up(password: &str) -> Self {
        let mut spec = TestbedSpec::quick(None).pool;
        password.clone_into(&mut spec.password);
        let server = ServerSpec::tls(spec.hosts.len()).expect("certificates");
        let pins = server.identities.iter().map(|identity: &Identity| {
            let pin = identity.fingerprint().expect("a certificate");
            pin.parse().expect("a fingerprint")
        });
        let pins = pins.collect();
        let pool = Pool::new(&spec).expect("a pool");
        Self {
            server: XapiServer::start(pool, &server).expect("a server"),
            pins,
            state: tempfile::tempdir().expect("a folder"),
            nameless: (0, 0),
        }
    }

    /// What a client is told, with short limits.
    pub(super) fn options(&self, state: &Path, password: &str) -> XcpngOptions {
        let url = self.server.url(0).expect("a master");
        let mut xapi = XapiOptions::new(
            Endpoint::parse(&url, PlainHttp::Refused).expect("a URL"),
            "root",
            Secret::new(password.to_owned()),
            Trust::Pins(self.pins.iter().copied().collect()),
        );
        let millis = Duration::from_millis;
        let limits = &mut xapi.limits;
        limits.https.tcp = millis(1_000);
        limits.https.tls = millis(1_000);
        limits.login = millis(2_000);
        limits.call = millis(400);
        limits.settle = millis(200);
        limits.logout = millis(1_000);
        for limit in [
            &mut limits.clone,
            &mut limits.provision,
            &mut limits.start,
            &mut limits.stop,
            &mut limits.snapshot,
            &mut limits.destroy,
        ] {
            *limit = millis(1_000);
        }
        let auth = SshAuth::Password(Secret::new("none".to_owned()));
        let ssh = SshOptions::new("nobody", auth);
        let mut options = XcpngOptions::new(xapi, ssh, NameOrUuid::from(TEMPLATE), state);
        options.limits.create = millis(4_000);
        options.limits.destroy = millis(4_000);
        options.limits.request = millis(1_000);
        options.memory = Some(1 << 30);
        options.vcpus = Some(1);
        options.network = Some("Pool-wide network associated with eth0".to_owned());
        options
    }

    /// The fingerprints of the hosts.
    pub(super) fn pins(&self) -> String {
        let pins: Vec<String> = self.pins.iter().map(CertificatePin::to_string).collect();
        pins.join(" ")
    }

    /// Replaces the faults to come; says how many were met before.
    pub(super) fn set_plan(&mut self, plan: Plan) -> usize {
        let met = self.server.pool(|pool| {
            let met = pool.plan().met().to_vec();
            pool.set_plan(plan);
            met
        });
        for met in &met {
            let is_lost = matches!(
                met.fault,
                Fault::SilenceAfter
                    | Fault::ResetAfter
                    | Fault::Drip
                    | Fault::Cut(_)
                    | Fault::Garbage
                    | Fault::Huge(_)
                    | Fault::Slow(_)
            );
            self.nameless.0 += usize::from(is_lost && met.call == "session.login_with_password");
            self.nameless.1 += usize::from(is_lost && met.call.starts_with("Async."));
        }
        met.len()
    }

    /// A task whose client was called off before it could learn of it.
    pub(super) fn lose_task(&mut self) {
        self.nameless.1 += 1;
    }

    /// Without faults now: one collection of garbage removes all that nobody knows of.
    #[track_caller]
    pub(super) fn settle(&mut self, options: XcpngOptions, cell: &str) {
        self.set_plan(Plan::none());
        // What was asked for without an answer comes to its end first.
        let at_rest = |pool: &mut Pool| pool.wake().is_none_or(|at| at > REST);
        self.server.wait_until(Duration::from_secs(1), at_rest);
        let mut options = options;
        // The machine may be slow, and nothing is tried here.
        options.xapi.limits = bioxen_xcpng::XapiLimits::default();
        options.limits = bioxen_xcpng::GuestLimits::default();
        // A connection may still be due to be refused.
        let pool =
            XcpngPool::connect(options.clone()).or_else(|_| XcpngPool::connect(options.clone()));
        let pool = pool.expect("no faults");
        let garbage = pool.garbage(true).expect("no faults");
        assert!(garbage.unreadable.is_empty(), "{cell}: {garbage:#?}");
        let failed = garbage.found.iter().any(|found| found.failed.is_some());
        assert!(!failed, "{cell}: {garbage:#?}");
        for (guest, _) in pool.guests().expect("no faults") {
            pool.destroy(&guest).expect("no faults");
        }
        let again = pool.garbage(false).expect("no faults");
        assert!(again.found.is_empty(), "{cell}: {again:#?}");
        pool.close().expect("no faults");
        let census = self.census();
        let (sessions, tasks) = self.nameless;
        let is_clean = census.sessions.len() <= sessions && census.tasks.len() <= tasks;
        let nothing = Census {
            sessions: census.sessions.clone(),
            tasks: census.tasks.clone(),
            ..Census::default()
        };
        assert!(is_clean && census == nothing, "{cell}: {census:#?}");
    }

    pub(super) fn census(&self) -> Census {
        self.server.pool(|pool| pool.census())
    }
}

/// Sessions and finished tasks end later than this by themselves.
const REST: Duration = Duration::from_secs(3_600);
