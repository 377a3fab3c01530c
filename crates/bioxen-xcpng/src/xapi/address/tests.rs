use std::collections::BTreeMap;

use super::{AddressFilter, Cidr};

/// Networks as `key=value` lines, and the addresses that are chosen.
#[track_caller]
fn check_with(filter: &AddressFilter, networks: &str, expect: &str) {
    let networks: BTreeMap<String, String> = networks
        .split(';')
        .filter(|line| !line.is_empty())
        .map(|line| line.split_once('=').expect("key and value"))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let chosen: Vec<String> = filter
        .choose(&networks)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(chosen.join(" "), expect);
}

#[track_caller]
fn check(networks: &str, expect: &str) {
    check_with(&AddressFilter::default(), networks, expect);
}

#[test]
fn shapes_of_guest_networks() {
    check("", "");
    check("0/ip=10.0.0.5", "10.0.0.5");
    check("0/ip=10.0.0.5;0/ipv4/0=10.0.0.5", "10.0.0.5");
    check("0/ipv4/0=10.0.0.5", "10.0.0.5");
    check("1/ip=10.0.0.5", "10.0.0.5");
    check("7/ipv4/3=10.0.0.5", "10.0.0.5");
    check("0/ip=", "");
    check("0/ip= ", "");
    check("0/ip=10.0.0.5 10.0.0.6", "10.0.0.5 10.0.0.6");
    check("0/ipv4/0=10.0.0.5\n172.17.0.1", "10.0.0.5 172.17.0.1");
    check("0/ipv4/1=10.0.0.6;0/ipv4/0=10.0.0.5", "10.0.0.5 10.0.0.6");
    check(
        "0/ipv4/10=10.0.0.10;0/ipv4/9=10.0.0.9",
        "10.0.0.9 10.0.0.10",
    );
    check("10/ip=10.0.0.10;9/ip=10.0.0.9", "10.0.0.9 10.0.0.10");
}

#[test]
fn addresses_that_lead_nowhere() {
    for nowhere in [
        "0.0.0.0",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.1.1",
        "224.0.0.1",
        "239.1.1.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%2",
        "fe80:0000:0000:0000:0001:0002:0003:0004%eth0",
        "ff02::1",
        "::ffff:169.254.1.1",
        "::ffff:127.0.0.1",
        "",
        "x",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1/24",
        "10.0.0.1:22",
        "010.0.0.1",
        "-",
        "None",
    ] {
        check(&format!("0/ip={nowhere}"), "");
        check(&format!("0/ipv6/0={nowhere};1/ip=10.0.0.5"), "10.0.0.5");
    }
}

#[test]
fn versions_of_ip() {
    check("0/ipv6/0=2001:db8::5;0/ip=10.0.0.5", "10.0.0.5 2001:db8::5");
    check("0/ipv6/0=fe80::5;0/ipv6/1=2001:db8::5", "2001:db8::5");
    check(
        "0/ipv6/0=2001:0db8:0000:0000:0000:0000:0000:0005",
        "2001:db8::5",
    );
    check("0/ipv6/0=2001:db8::5%2", "2001:db8::5");
    check("0/ipv6/0=::ffff:10.0.0.5", "10.0.0.5");
    check("0/ipv6/0=2001:db8::5;1/ip=10.0.0.5", "2001:db8::5 10.0.0.5");
    check("0/ipv6/0=fd00::5", "fd00::5");
}

#[test]
fn keys_that_are_none() {
    for key in [
        "ip",
        "0",
        "0/",
        "0/ipv4",
        "0/ipv4/",
        "0/ipv4/x",
        "x/ip",
        "-1/ip",
        "0/ip/0",
        "0/ipv4/0/0",
        "0/ipv5/0",
        "0/mac",
        "/ip",
        "99999999999/ip",
    ] {
        check(&format!("{key}=10.0.0.5"), "");
    }
}

#[test]
fn the_wanted_card_and_the_wanted_range() {
    let networks = "0/ip=172.17.0.1;1/ip=10.0.0.5;2/ip=10.9.0.5";
    check(networks, "172.17.0.1 10.0.0.5 10.9.0.5");
    let card = AddressFilter {
        device: Some(2),
        ..AddressFilter::default()
    };
    check_with(&card, networks, "10.9.0.5 172.17.0.1 10.0.0.5");
    let range = |text: &str| AddressFilter {
        cidrs: text
            .split(' ')
            .map(|cidr| cidr.parse().expect("it is one"))
            .collect(),
        ..AddressFilter::default()
    };
    check_with(&range("10.0.0.0/24"), networks, "10.0.0.5");
    check_with(&range("10.0.0.0/8"), networks, "10.0.0.5 10.9.0.5");
    check_with(
        &range("10.9.0.5/32 172.17.0.0/16"),
        networks,
        "172.17.0.1 10.9.0.5",
    );
    check_with(
        &range("0.0.0.0/0"),
        networks,
        "172.17.0.1 10.0.0.5 10.9.0.5",
    );
    check_with(&range("::/0"), networks, "");
    check_with(
        &range("2001:db8::/32"),
        "0/ipv6/0=2001:db9::1;0/ipv6/1=2001:db8::1",
        "2001:db8::1",
    );
    let loopback = AddressFilter {
        allow_loopback: true,
        ..AddressFilter::default()
    };
    check_with(
        &loopback,
        "0/ip=127.0.0.2;0/ipv6/0=::1;1/ip=169.254.0.1",
        "127.0.0.2 ::1",
    );
}

#[test]
fn ranges_are_checked() {
    for text in [
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "::/129",
        "x/8",
        "10.0.0.0/",
        "/8",
    ] {
        assert!(text.parse::<Cidr>().is_err(), "{text}");
    }
    assert_eq!(
        "10.0.0.0/8".parse::<Cidr>().map(|cidr| cidr.to_string()),
        Ok("10.0.0.0/8".to_owned())
    );
}
