//! The test scenarios of the design that BioXen began as, under their own names, with types.

use std::sync::Arc;
use std::time::Duration;

use bioxen::config::{Format, Request, Surroundings, load_defaults, load_text, save, text};
use bioxen::resources::{
    BioResourceManager, Monitor, MonitorConfig, PerformanceMonitor, ResourceSnapshot, TablePolicy,
    Timed, Verb,
};
use bioxen::{
    AtpPercent, BiologicalVm, GeneId, Infrastructure, Organism, Pacing, ProcessCode, RibosomeCount,
    Seed, SimSpan, SystemClock, VmError, VmId, VmSpec, VmState, create_bio_vm, plan_configured_vm,
};
use bioxen_core::testing::ManualClock;
use bioxen_testbed::guests::agent_binary;
use bioxen_testbed::{TEMPLATE, Testbed, TestbedSpec};

fn manager(name: &str, organism: Organism) -> BioResourceManager {
    let id = VmId::new(name).expect("a plain name");
    let spec = VmSpec::builder(id, organism, Seed::new(1)).pacing(Pacing::Manual);
    let vm = create_bio_vm(spec.build().expect("no rule is broken")).expect("there is room");
    BioResourceManager::new(vm)
}

fn percent(percent: f64) -> AtpPercent {
    AtpPercent::new(percent).expect("from 0 to 100")
}

fn minutes(minutes: u64) -> SimSpan {
    SimSpan::from_micros(minutes * 60_000_000)
}

#[test]
fn basic_vm_complete_lifecycle() {
    let mut manager = manager("test_basic", Organism::Syn3a);
    let granted = manager.allocate_atp(percent(75.0)).expect("it is free");
    assert_eq!(granted.quota.atp, percent(75.0));
    let granted = manager
        .allocate_ribosomes(RibosomeCount::new(12))
        .expect("they are free");
    assert_eq!(granted.quota.ribosomes.get(), 12);
    assert!(granted.ribosome_cap < granted.ribosomes_total);
    let vm = manager.vm_mut();
    vm.start().expect("it was created");
    assert_eq!(vm.essential_genes().expect("a list").len(), 270);
    vm.advance(minutes(1)).expect("running");
    let metrics = vm.biological_metrics().expect("it answers");
    assert_eq!(metrics.sim_time.seconds(), 60.0);
    vm.destroy().expect("it was running");
    assert_eq!(vm.status().expect("what is left").state, VmState::Destroyed);
}

/// What the design says of a pool, for a pool that is there.
fn xcpng_config(testbed: &Testbed) -> String {
    let (user, password) = testbed.login();
    format!(
        r#"{{"organism": "ecoli", "vm_type": "xcpng", "xcpng_config": {{
            "xapi_url": "{}", "username": "{user}", "password": "{password}", "tls_pins": ["{}"],
            "template_name": "{TEMPLATE}", "guest_networks": ["127.0.0.0/8"],
            "ssh_user": "{}", "ssh_port": {}, "ssh_key_path": "{}", "ssh_host_keys": ["{}"]
        }}}}"#,
        testbed.url(),
        testbed.pin().expect("it is behind TLS"),
        testbed.ssh_user(),
        testbed.ssh_port(),
        testbed.client_key().private().display(),
        testbed.host_key(),
    )
}

#[test]
fn xcpng_vm_with_valid_config() {
    let agent = agent_binary(None).unwrap_or_else(|error| {
        panic!("{error}; {}", error.hint().unwrap_or_default());
    });
    let testbed = Testbed::start(TestbedSpec::quick(Some(agent))).expect("a testbed");
    let logins = || testbed.server().seen().calls("session.login_with_password");
    let request = Request::new(Surroundings::nowhere());
    let text = xcpng_config(&testbed);
    let loaded = load_text("pool.json".as_ref(), text.as_bytes(), &request);
    let config = loaded.expect("it has all that is required").config;
    let state = tempfile::tempdir().expect("a folder");
    let id = VmId::new("test_xcpng").expect("a plain name");
    let planned = plan_configured_vm(
        &config,
        id,
        Seed::new(1),
        state.path(),
        &request.surroundings,
    );
    let mut vm: Box<dyn BiologicalVm> = Box::new(planned.expect("a plan"));
    let status = vm.status().expect("planned");
    assert_eq!(status.infrastructure, Infrastructure::Xcpng);
    assert_eq!(status.infrastructure.to_string(), "xcpng");
    assert_eq!(
        (vm.organism(), status.state),
        (Organism::Ecoli, VmState::Created)
    );
    assert_eq!(logins(), 0, "to plan a VM sends no byte");

    vm.start().expect("the pool is there");
    assert_eq!(logins(), 1);
    let mut manager = BioResourceManager::new(vm);
    let initial = manager.optimize_initially().expect("it is free");
    assert_eq!((initial.atp, initial.ribosomes.get()), (percent(80.0), 25));
    let vm = manager.vm_mut();
    let code = ProcessCode::new("step", "advance(1)\nget_biological_status()").expect("short");
    let report = vm.execute_biological_process(&code).expect("it runs");
    assert!(report.success, "{}", report.stderr);
    assert_eq!(vm.status().expect("it runs").state, VmState::Running);
    vm.destroy().expect("it runs");
    assert_eq!(vm.status().expect("what is left").state, VmState::Destroyed);
    drop(manager);
    let census = testbed.server().pool(|pool| pool.census());
    assert!(census.is_clean(), "{census:#?}");
}

#[test]
fn resource_monitoring() {
    let mut manager = manager("test_monitoring", Organism::Ecoli);
    manager.vm_mut().start().expect("it was created");
    let second = Duration::from_secs(1);
    let config = MonitorConfig::every(second).expect("above 1 ms");
    let clock = ManualClock::new();
    let mut monitor = Monitor::new(config, Arc::new(clock.clone()));
    monitor.watch(manager.vm().probe()).expect("the first");
    monitor.start().expect("a thread");
    let id = manager.vm().id().clone();
    monitor.settle();
    for _ in 0..3 {
        manager
            .vm_mut()
            .advance(SimSpan::from_micros(10_000_000))
            .expect("running");
        clock.advance(second);
        monitor.settle();
    }
    let history = monitor.history(&id).expect("it is watched");
    let times: Vec<f64> = history.iter().map(|r| r.usage.sim_time.seconds()).collect();
    assert!(times.ends_with(&[10.0, 20.0, 30.0]), "{times:?}");
    assert_eq!(history.last().map(|r| r.taken_at), Some(3 * second));
    monitor.stop();
    assert!(!monitor.is_running());
    assert_eq!(monitor.counters().panics, 0);
}

#[test]
fn auto_optimization() {
    let mut manager = manager("test_optimization", Organism::Syn3a);
    let initial = manager.optimize_initially().expect("it is free");
    assert_eq!((initial.atp, initial.ribosomes.get()), (percent(60.0), 10));
    // With all that it could have, a healthy cell has nearly all of its ATP: the table takes some of the grant away.
    manager
        .allocate_atp(AtpPercent::FULL)
        .map(drop)
        .expect("it is free");
    manager.vm_mut().start().expect("it was created");
    let mut policy = TablePolicy::default();
    for _ in 0..30 {
        manager
            .vm_mut()
            .advance(SimSpan::from_micros(10_000_000))
            .expect("running");
        manager.optimize(&mut policy).expect("it is free");
    }
    let decision = manager.decisions().first().expect("one rule holds");
    assert_eq!(decision.after.atp, percent(55.0));
    let now = manager.usage().expect("it answers");
    assert_eq!(now.atp_quota, percent(55.0));
    for recommendation in manager.recommendations().expect("it answers") {
        assert!(!recommendation.to_string().is_empty());
    }
}

#[test]
fn config_validation() {
    let mut request = Request::new(Surroundings::nowhere());
    request.organism = Some(Organism::Syn3a);
    let defaults = text(&load_defaults(Organism::Syn3a), Format::Yaml);
    let loaded = load_text("syn3a.yaml".as_ref(), defaults.as_bytes(), &request);
    assert!(loaded.is_ok(), "{loaded:?}");
    request.organism = Some(Organism::Ecoli);
    request.vm_type = Some(bioxen::config::VmType::Xcpng);
    let refused = load_text("x.json".as_ref(), br#"{"xcpng_config": {}}"#, &request);
    let errors = refused.expect_err("required fields are missing");
    let all = bioxen::config::render(errors.problems());
    for field in ["xapi_url", "username", "password", "ssh_user"] {
        assert!(all.contains(field), "{all}");
    }
}

#[test]
fn config_file_operations() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ecoli.json");
    let defaults = load_defaults(Organism::Ecoli);
    save(&path, &text(&defaults, Format::Json)).expect("room for it");
    let mut request = Request::new(Surroundings::nowhere());
    request.file = bioxen::config::FileChoice::Path(path);
    let loaded = bioxen::config::load(&request).expect("what was written");
    assert_eq!(
        text(&loaded.raw, Format::Json),
        text(&defaults, Format::Json)
    );
}

#[test]
fn resource_snapshots() {
    let mut manager = manager("test_snapshot", Organism::MinimalCell);
    manager
        .allocate_atp(percent(60.0))
        .map(drop)
        .expect("it is free");
    manager
        .allocate_ribosomes(RibosomeCount::new(8))
        .map(drop)
        .expect("they are free");
    let text = manager.snapshot(1.75e9).expect("it answers").to_json();
    for key in ["\"vm_id\"", "\"timestamp\"", "\"resource_usage\""] {
        assert!(text.contains(key), "{text}");
    }
    manager
        .allocate_atp(percent(80.0))
        .map(drop)
        .expect("it is free");
    let snapshot = ResourceSnapshot::from_json(&text).expect("its own text");
    let restored = manager.restore(&snapshot).expect("its own snapshot");
    assert_eq!(restored.quota.atp, percent(60.0));
    let differences: Vec<String> = restored.differences.iter().map(|d| d.to_string()).collect();
    assert_eq!(differences, ["ATP: 80% here, 60% in the snapshot"]);
}

#[test]
fn biological_type_specific_methods() {
    let syn3a = manager("test_syn3a_methods", Organism::Syn3a);
    assert!(!syn3a.vm().essential_genes().expect("a list").is_empty());
    let mut ecoli = manager("test_ecoli_methods", Organism::Ecoli);
    assert_eq!(ecoli.vm().plasmid_count().expect("a number"), 0);
    let gene = GeneId::new("dnaA").expect("a name");
    let refused = ecoli.vm_mut().start_transcription(&[gene]);
    assert!(matches!(refused, Err(VmError::Unsupported { .. })));
    assert!(matches!(
        syn3a.vm().plasmid_count(),
        Err(VmError::Unsupported { .. })
    ));
}

#[test]
fn performance_monitoring() {
    let monitor = PerformanceMonitor::new(Arc::new(SystemClock::new()));
    let vm = manager("test_performance", Organism::Syn3a).into_vm();
    let mut vm = Timed::new(vm, monitor.clone());
    vm.start().expect("it was created");
    vm.advance(minutes(1)).expect("running");
    assert!(vm.start().is_err(), "it runs already");
    let summary = monitor.summary();
    assert_eq!(summary.calls, 3);
    assert!((summary.success_rate.expect("there were calls") - 2.0 / 3.0).abs() < 1e-12);
    let start = monitor.metrics();
    let start = start.iter().find(|row| row.operation == Verb::Start);
    let start = start.expect("it was called");
    assert_eq!((start.calls, start.successes, start.failures), (2, 1, 1));
}
