//! The examples, run as tests, and the facade as its users see it.

#[path = "../../examples/basic_vm.rs"]
mod basic_vm;
#[path = "../../examples/quotas.rs"]
mod quotas;

mod factory;

#[test]
fn the_example_of_one_vm_runs() {
    basic_vm::main().unwrap();
}

#[test]
fn the_example_of_quotas_runs() {
    quotas::main().unwrap();
}
