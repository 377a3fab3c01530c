//! A testbed and a client of it.

use std::sync::{Mutex, PoisonError};

use bioxen_agent::draw_seed;
use bioxen_core::{Organism, Pacing, Secret, VmId, VmSpec};
use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::xapi::{Census, Fault, Plan};
use bioxen_testbed::{TEMPLATE, Testbed, TestbedSpec};
use bioxen_xcpng::xapi::{AddressFilter, NameOrUuid};
use bioxen_xcpng::{
    CertificatePin, Endpoint, PlainHttp, SshAuth, SshOptions, Trust, Watcher, XapiOptions,
    XcpngOptions, XcpngPool,
};

/// A testbed with the state folder of one client.
pub(crate) struct Bed {
    pub(crate) testbed: Testbed,
    pub(crate) state: tempfile::TempDir,
}

impl Bed {
    pub(crate) fn up() -> Self {
        let agent = agent_binary(None).unwrap_or_else(|error| {
            panic!("{error}; {}", error.hint().unwrap_or_default());
        });
        Self::with(TestbedSpec::quick(Some(agent)))
    }

    pub(crate) fn with(spec: TestbedSpec) -> Self {
        Self {
            testbed: Testbed::start(spec).expect("a testbed"),
            state: tempfile::tempdir().expect("a folder"),
        }
    }

    pub(crate) fn options(&self) -> XcpngOptions {
        let bed = &self.testbed;
        let (user, password) = bed.login();
        let pins = bed
            .pins()
            .iter()
            .map(|pin| -> CertificatePin { pin.parse().expect("a fingerprint") });
        let pins = pins.collect();
        let xapi = XapiOptions::new(
            Endpoint::parse(&bed.url(), PlainHttp::Refused).expect("a URL"),
            user,
            Secret::new(password.to_owned()),
            Trust::Pins(pins),
        );
        let auth = SshAuth::KeyFile {
            path: bed.client_key().private().to_owned(),
            passphrase: None,
        };
        let mut ssh = SshOptions::new(bed.ssh_user(), auth);
        ssh.port = bed.ssh_port();
        let template = NameOrUuid::from(TEMPLATE);
        let mut options = XcpngOptions::new(xapi, ssh, template, self.state.path());
        options.addresses = AddressFilter {
            allow_loopback: true,
            ..AddressFilter::default()
        };
        options.host_keys = vec![bed.host_key().parse().expect("a public key")];
        options
    }

    pub(crate) fn connect(&self) -> XcpngPool {
        XcpngPool::connect(self.options()).expect("a login")
    }

    /// Does something while the pool refuses a call with a code.
    pub(crate) fn while_refused<T>(&self, call: &str, code: &str, work: impl FnOnce() -> T) -> T {
        let refusal = Fault::Error {
            code: code.to_owned(),
            params: vec![],
        };
        let set = |plan| self.testbed.server().pool(|pool| pool.set_plan(plan));
        set(Plan::none().from(call, 1, refusal));
        let done = work();
        set(Plan::none());
        done
    }

    /// What is in the pool that was not there at the beginning.
    pub(crate) fn census(&self) -> Census {
        self.testbed.server().pool(|pool| pool.census())
    }

    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        let census = self.census();
        assert!(census.is_clean(), "{census:#?}");
    }
}

/// Remembers what a person would be told.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Vec<String>>);

impl Told {
    pub(crate) fn has(&self, part: &str) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter().any(|note| note.contains(part))
    }
}

impl Watcher for Told {
    fn note(&self, text: &str) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.push(text.to_owned());
    }
}

/// A cell that moves only when it is told to.
pub(crate) fn spec(name: &str, organism: Organism) -> VmSpec {
    VmSpec::builder(
        VmId::new(name).expect("a plain name"),
        organism,
        draw_seed(),
    )
    .pacing(Pacing::Manual)
    .build()
    .expect("no rule is broken")
}
