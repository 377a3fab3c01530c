//! Screens.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::{Columns, View, draw, fit, gauge};
use crate::output::top::Look;
use crate::output::top::testing::look;

const PLAIN: View = View {
    scrolled: 0,
    colors: false,
};

/// The rows of a screen, without the blanks at their ends.
#[track_caller]
fn screen(look: &Look, view: View, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
    terminal
        .draw(|frame| draw(frame, look, view))
        .expect("it is drawn");
    let buffer = terminal.backend().buffer();
    let rows = buffer.content().chunks(usize::from(width.max(1)));
    rows.map(|row| {
        let text: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        text.trim_end().to_owned()
    })
    .collect()
}

#[test]
fn all_columns_fit_in_eighty_by_twenty_four() {
    let rows = screen(&look(), PLAIN, 80, 24);
    let expect = [
        "bioxen top  3 VMs, 1 running  /home/ada/.local/state/bioxen",
        "name        organism     state   ATP level     rib/cap/units  phase  speed   !",
        "a-vm-with-~ minimal_cell created -             -/-/15         -      -       -",
        "cell-1      syn3a        running [####--]  63% 412/503/15     -      1.0x    -",
        "poor        ecoli        paused  [#-----]  12% 412/503/15     stat-E 0.0x    !2",
        "",
    ];
    for (row, expect) in rows.iter().zip(expect) {
        assert_eq!(row, expect);
    }
    assert_eq!(
        rows[20..],
        [
            "alerts",
            "  ! 23:59:59 poor: ATP is at 12%",
            "  ! 23:59:59 poor: ribosomes are at 99%",
            "q leave  up/down scroll",
        ]
    );
}

#[test]
fn little_room_shows_what_matters() {
    let rows = screen(&look(), PLAIN, 40, 10);
    assert_eq!(rows[1], "name           state   ATP level     !");
    assert_eq!(rows[3], "cell-1         running [####--]  63% -");
    assert_eq!(rows[9], "q leave  up/down scroll");
}

#[test]
fn much_room_is_used() {
    let rows = screen(&look(), PLAIN, 200, 60);
    assert!(
        rows[2].starts_with("a-vm-with-a-name-as-lon~ minimal_cell created"),
        "{}",
        rows[2]
    );
    assert!(
        rows[3].contains("[################----------]  63%"),
        "{}",
        rows[3]
    );
    assert!(rows[4].contains("stationary (energy)"), "{}", rows[4]);
    assert_eq!(rows.len(), 60);
}

#[test]
fn rows_scroll_as_far_as_there_are_some() {
    let scrolled = |scrolled| View { scrolled, ..PLAIN };
    let first = |view| screen(&look(), view, 80, 5)[2].clone();
    assert!(first(scrolled(0)).starts_with("a-vm"));
    assert!(first(scrolled(1)).starts_with("cell-1"));
    assert!(
        first(scrolled(9)).starts_with("cell-1"),
        "two rows are seen"
    );
}

#[test]
fn trouble_is_said_in_the_title() {
    let trouble = Some("no daemon runs for /tmp/x".to_owned());
    let look = Look { trouble, ..look() };
    let rows = screen(&look, PLAIN, 80, 24);
    assert_eq!(
        rows[0],
        "bioxen top  NOT CURRENT: no daemon runs for /tmp/x"
    );
}

#[test]
fn colors_say_nothing_that_words_do_not() {
    let view = View {
        colors: true,
        ..PLAIN
    };
    assert_eq!(
        screen(&look(), view, 80, 24),
        screen(&look(), PLAIN, 80, 24)
    );
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(frame, &look(), PLAIN)).unwrap();
    let cells = terminal.backend().buffer().content();
    assert!(
        cells
            .iter()
            .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
    );
}

#[test]
fn a_gauge_is_as_wide_as_its_column() {
    assert_eq!(gauge(0.0, 13), "[------]   0%");
    assert_eq!(gauge(50.0, 13), "[###---]  50%");
    assert_eq!(gauge(100.0, 13), "[######] 100%");
    assert_eq!(gauge(63.0, 3), "[]  63%");
    assert_eq!(fit("cell\u{1b}[31m", 6), "cell ~");
    assert_eq!(fit("x", 0), "");
}

proptest! {
    #[test]
    fn any_size_can_be_drawn(width in 1_u16..260, height in 1_u16..90, scrolled in 0_usize..9, colors: bool) {
        let view = View { scrolled, colors };
        screen(&look(), view, width, height);
        screen(&Look::default(), view, width, height);
        let columns = Columns::of(usize::from(width));
        prop_assert!(columns.width() <= usize::from(width).max(34));
    }

    #[test]
    fn any_level_has_a_gauge(percent in proptest::num::f64::ANY, width in 0_usize..60) {
        let _ = gauge(percent, width);
    }
}
