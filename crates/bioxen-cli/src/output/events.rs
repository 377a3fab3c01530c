//! Events, one a line.

use std::io::{self, Write};

use bioxen::agent::{Event, UnixMillis};
use serde_json::json;

use super::json::SCHEMA_VERSION;

/// One event for people: when, its number, the VM, the kind and what happened.
pub(crate) fn write_event(event: &Event, out: &mut dyn Write) -> io::Result<()> {
    let Event {
        number,
        at,
        vm,
        kind,
        text,
    } = event;
    let vm = vm.as_ref().map_or("-", |vm| vm.as_str());
    // What another program wrote does not steer the terminal.
    let (kind, text) = (plain(kind), plain(text));
    writeln!(
        out,
        "{}  {:>5}  {vm:<12}  {kind:<12}  {text}",
        utc(*at),
        number.get()
    )
}

fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// One event for programs, an object on a line of its own.
pub(crate) fn write_event_json(event: &Event, out: &mut dyn Write) -> io::Result<()> {
    let line = json!({
        "schema_version": SCHEMA_VERSION,
        "number": event.number.get(),
        "at": utc(event.at),
        "at_unix_ms": event.at.get(),
        "vm": event.vm,
        "kind": event.kind,
        "text": event.text,
    });
    writeln!(out, "{line}")
}

/// A time on the wall as RFC 3339 has it, in UTC and to the second.
pub(super) fn utc(at: UnixMillis) -> String {
    let seconds = at.get() / 1000;
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day so many days after the beginning of 1970 (H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
fn civil(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01 on, so that a leap day ends its year.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = match shifted_month {
        0..10 => shifted_month + 3,
        _ => shifted_month - 9,
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use bioxen::VmId;
    use bioxen::agent::{Event, EventNumber, UnixMillis};

    use super::{utc, write_event, write_event_json};

    #[test]
    fn times_are_those_of_the_calendar() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_999, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (951_868_800_000, "2000-03-01T00:00:00Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00Z"),
            (1_735_689_599_000, "2024-12-31T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(UnixMillis::new(millis)), text);
        }
        // Any number of an agent is a time.
        assert!(utc(UnixMillis::new(u64::MAX)).ends_with('Z'));
    }

    #[test]
    fn an_event_is_one_line() {
        let event = Event {
            number: EventNumber::new(12),
            at: UnixMillis::new(951_782_400_000),
            vm: Some(VmId::new("cell-1").unwrap()),
            kind: "created".to_owned(),
            text: "a cell of syn3a".to_owned(),
        };
        let mut line = Vec::new();
        write_event(&event, &mut line).unwrap();
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "2000-02-29T00:00:00Z     12  cell-1        created       a cell of syn3a\n"
        );
        let mut line = Vec::new();
        write_event_json(&event, &mut line).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(line["at"], "2000-02-29T00:00:00Z");
        assert_eq!(
            (&line["number"], &line["vm"]),
            (&12.into(), &"cell-1".into())
        );
    }
}
