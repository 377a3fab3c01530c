use proptest::prelude::*;

use super::wire::Greeting;
use super::*;
use crate::error::HelloError;

/// What a search over slices of that size finds: the noise and where the magic ends.
fn search(
    bytes: &[u8],
    slice: usize,
    allowed: usize,
) -> Result<Option<(Noise, usize)>, HelloError> {
    let mut search = MagicSearch::new(allowed);
    let mut before = 0;
    for piece in bytes.chunks(slice) {
        if let Some(end) = search.feed(piece)? {
            return Ok(Some((search.into_noise(), before + end)));
        }
        before += piece.len();
    }
    Ok(None)
}

fn after_noise(noise: &[u8]) -> Vec<u8> {
    [noise, &MAGIC, b"and so on"].concat()
}

#[test]
fn the_magic_can_be_searched_in_one_pass() {
    assert!(!MAGIC[1..].iter().any(|byte| byte & 0x7f == MAGIC[0] & 0x7f));
}

#[test]
fn up_to_64_kib_of_noise_are_skipped() {
    for length in [0, 1, 1_023, 1_024, 1_025, Noise::MAX - 1, Noise::MAX] {
        let noise = b"Last login: never\n"
            .iter()
            .cycle()
            .take(length)
            .copied()
            .collect::<Vec<u8>>();
        for slice in [1, 7, 4_096, usize::MAX] {
            let (found, end) = search(&after_noise(&noise), slice, Noise::MAX)
                .unwrap()
                .unwrap();
            assert_eq!(found.length(), length);
            assert_eq!(found.start(), &noise[..length.min(Noise::KEPT)]);
            assert_eq!(end, length + MAGIC.len());
        }
    }
    let noise = vec![b'x'; Noise::MAX + 1];
    match search(&after_noise(&noise), 4_096, Noise::MAX) {
        Err(HelloError::TooMuchNoise { noise }) => assert_eq!(noise.length(), Noise::MAX + 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_search_is_over_as_soon_as_there_is_too_much() {
    let mut search = MagicSearch::new(3);
    assert!(matches!(search.feed(b"abc\x8b"), Ok(None)));
    assert!(matches!(
        search.feed(b"d"),
        Err(HelloError::TooMuchNoise { .. })
    ));
}

#[test]
fn a_start_that_goes_on_otherwise_is_noise() {
    for noise in [
        &b"\x8b"[..],
        b"\x8b\x8b",
        b"\x8bBIOXE\x8b",
        b"\x0bBIO",
        b"BIOXEN\r\n",
        b"\x8bBIOX\n",
    ] {
        let (found, end) = search(&after_noise(noise), 1, Noise::MAX).unwrap().unwrap();
        assert_eq!((found.start(), end), (noise, noise.len() + MAGIC.len()));
    }
}

#[test]
fn a_stream_that_is_taken_for_text_is_seen() {
    let text = |from: &[u8], to: &[u8]| {
        let mut bytes = Vec::new();
        let mut rest = &MAGIC[..];
        while let Some(first) = rest.first() {
            match rest.strip_prefix(from) {
                Some(after) => {
                    bytes.extend_from_slice(to);
                    rest = after;
                }
                None => {
                    bytes.push(*first);
                    rest = &rest[1..];
                }
            }
        }
        bytes
    };
    let seven_bits: Vec<u8> = MAGIC.iter().map(|byte| byte & 0x7f).collect();
    let cases = [
        text(b"\r\n", b"\n"),
        text(b"\n", b"\r\n"),
        text(b"\r", b"\n"),
        text(b"\x1a", b""),
        text(b"\0", b"x"),
        seven_bits,
    ];
    for bytes in cases {
        let found = search(&[b"motd\n", &bytes[..], b"\0\0"].concat(), 1, Noise::MAX);
        assert!(
            matches!(found, Err(HelloError::Mangled)),
            "{bytes:?} gave {found:?}"
        );
    }
}

#[test]
fn noise_is_shown_on_one_line_without_control_characters() {
    let (noise, _) = search(&after_noise(b"\x1b[1mhi\xff\nbye\n"), 5, 100)
        .unwrap()
        .unwrap();
    assert_eq!(noise.to_string(), "\"\\u{1b}[1mhi\u{fffd}\\nbye\"");
    let long = after_noise(&[b'x'; 3_000]);
    let (noise, _) = search(&long, 5, 3_000).unwrap().unwrap();
    assert!(noise.to_string().ends_with("x\" and 1976 more bytes"));
}

fn client() -> ClientHello {
    ClientHello::new("bioxen", "0.1.0", Nonce::new(*b"0123456789abcdef"))
}

#[test]
fn hellos_look_like_this() {
    let mut hello = client();
    hello.lease = Some(Lease {
        seconds: NonZeroU32::new(60).unwrap(),
        then: LeaseEnd::GoOn,
    });
    assert_eq!(
        String::from_utf8(write_client(&hello).unwrap()).unwrap(),
        r#"{"protocol":{"major":1,"minor":0},"program":"bioxen","version":"0.1.0","nonce":"30313233343536373839616263646566","lease":{"seconds":60,"then":"go_on"}}"#
    );
    assert_eq!(
        String::from_utf8(write_agent(&AgentHello::new("0.1.0"), hello.nonce).unwrap()).unwrap(),
        r#"{"protocol":{"major":1,"minor":0},"agent_version":"0.1.0","nonce":"30313233343536373839616263646566","limits":{"request":16777216,"body":268435456,"operations":64}}"#
    );
}

#[test]
fn a_hello_with_more_in_it_is_read() {
    let text = br#"{"protocol":{"major":1,"minor":7,"patch":0},"program":"p","version":"2","nonce":"00000000000000000000000000000001","color":"red"}"#;
    let hello = read_client(text).unwrap();
    assert_eq!(hello.protocol, ProtocolVersion { major: 1, minor: 7 });
    assert_eq!(hello.lease, None);
    ProtocolVersion::check(hello.protocol).unwrap();
}

#[test]
fn the_greeting_of_another_version_is_read() {
    let text = br#"{"protocol":{"major":2,"minor":1},"nonce":"00000000000000000000000000000001"}"#;
    let greeting = read_greeting(text).unwrap();
    let error = ProtocolVersion::check(greeting.protocol).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the other side speaks protocol 2.1 and this side 1.0"
    );
    assert_eq!(error.hint().unwrap(), "update BioXen on this side");
    let error = ProtocolVersion::check(ProtocolVersion { major: 0, minor: 9 }).unwrap_err();
    assert_eq!(error.hint().unwrap(), "update BioXen on the other side");
}

#[test]
fn values_that_cannot_be_are_refused_by_name() {
    #[track_caller]
    fn check(from: &str, to: &str, message: &str) {
        let mut hello = client();
        hello.lease = Some(Lease {
            seconds: NonZeroU32::new(60).unwrap(),
            then: LeaseEnd::Pause,
        });
        let text = String::from_utf8(write_client(&hello).unwrap()).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let error = read_client(changed.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let unreadable = "the hello cannot be read";
    check(
        "3031",
        "30",
        "field nonce of the hello is not 32 hexadecimal digits",
    );
    let name = "is not 1 to 256 bytes without control characters";
    check(
        "\"bioxen\"",
        "\"\"",
        &format!("field program of the hello {name}"),
    );
    check(
        "\"bioxen\"",
        "\"a\\u001bb\"",
        &format!("field program of the hello {name}"),
    );
    check(
        "0.1.0",
        &"1".repeat(257),
        &format!("field version of the hello {name}"),
    );
    check("60", "0", unreadable);
    check("60", "4294967296", unreadable);
    check("60", "1.5", unreadable);
    check("\"pause\"", "\"sleep\"", unreadable);
    check("\"major\":1", "\"major\":-1", unreadable);
    check("\"program\"", "\"programme\"", unreadable);
    check("}", "", unreadable);
    check("{", "{\"x\":\"\u{1}", unreadable);
    let spaces = " ".repeat(65_536);
    check(
        "{",
        &format!("{spaces}{{"),
        "a hello of 65688 bytes, and the most is 65536",
    );

    let mut hello = client();
    hello.program = "line\nbreak".to_owned();
    assert!(matches!(
        write_client(&hello),
        Err(HelloError::Field {
            field: "program",
            ..
        })
    ));
}

fn hellos() -> impl Strategy<Value = ClientHello> {
    let lease = (1..=u32::MAX, any::<bool>()).prop_map(|(seconds, pause)| Lease {
        seconds: NonZeroU32::new(seconds).unwrap(),
        then: if pause {
            LeaseEnd::Pause
        } else {
            LeaseEnd::GoOn
        },
    });
    let name = "[^\\p{Cc}]{1,60}";
    (name, name, any::<[u8; 16]>(), prop::option::of(lease)).prop_map(
        |(program, version, nonce, lease)| ClientHello {
            lease,
            ..ClientHello::new(&program, &version, Nonce::new(nonce))
        },
    )
}

proptest! {
    #[test]
    fn hellos_round_trip(hello in hellos(), limits in any::<(u64, u64, u32)>()) {
        let payload = write_client(&hello).unwrap();
        prop_assert_eq!(read_client(&payload).unwrap(), hello.clone());
        let mut agent = AgentHello::new(&hello.version);
        agent.limits = RequestLimits { request: limits.0, body: limits.1, operations: limits.2 };
        let payload = write_agent(&agent, hello.nonce).unwrap();
        prop_assert_eq!(read_agent(&payload).unwrap(), agent);
        let greeting = Greeting { protocol: ProtocolVersion::CURRENT, nonce: hello.nonce };
        prop_assert_eq!(read_greeting(&payload).unwrap(), greeting);
    }

    #[test]
    fn any_bytes_are_hellos_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_client(&bytes);
        let _ = read_agent(&bytes);
        let _ = read_greeting(&bytes);
    }

    #[test]
    fn a_search_finds_the_same_in_any_slices(
        noise in prop::collection::vec(prop::sample::select(b"\x8b\x0bBIOXEN\r\n\x1a\0".as_slice()), 0..60),
        slice in 1_usize..20,
    ) {
        let bytes = after_noise(&noise);
        let whole = search(&bytes, usize::MAX, 50);
        let cut = search(&bytes, slice, 50);
        prop_assert_eq!(format!("{cut:?}"), format!("{whole:?}"));
    }
}
