//! The terminal of the live view.

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, scope};
use std::time::Duration;

use bioxen::{Clock, SystemClock};
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, poll, read};

use super::stale;
use super::watch::Watch;
use crate::commands::state::variable;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::top::{Look, View, draw};

/// Time between two looks at the signals while no key is pressed.
const SIGNALS: Duration = Duration::from_millis(100);

/// Shows one look after the other until a key or a signal ends it.
///
/// Looks are taken on a thread of their own: a guest that does not answer holds no key up.
pub(super) fn show(
    watch: &mut Watch,
    interval: Duration,
    interrupt: &Interrupt,
) -> Result<ExitCode, Failure> {
    let first = watch.look()?;
    scope(|scope| {
        let (ask, asked) = channel();
        let (tell, looks) = channel();
        let work = move || {
            for () in asked {
                if tell.send(watch.look()).is_err() {
                    return;
                }
            }
        };
        Builder::new()
            .name("bioxen-look".to_owned())
            .spawn_scoped(scope, work)
            .map_err(|source| Failure::Thread { source })?;
        let left = show_looks(first, &ask, &looks, interval, interrupt);
        // Whatever is asked just now is called off, and the thread ends.
        drop(ask);
        interrupt.token().cancel();
        left
    })
}

fn show_looks(
    mut look: Look,
    ask: &Sender<()>,
    looks: &Receiver<Result<Look, Failure>>,
    interval: Duration,
    interrupt: &Interrupt,
) -> Result<ExitCode, Failure> {
    let clock = SystemClock::new();
    let mut view = View {
        scrolled: 0,
        colors: variable("NO_COLOR").is_none(),
    };
    let mut due = Some(clock.now().saturating_add(interval));
    let mut screen = Screen::open()?;
    loop {
        screen.draw(&look, view)?;
        if interrupt.is_raised() {
            return Ok(interrupt.exit_code());
        }
        let left = due.map(|due| due.saturating_sub(clock.now()));
        let wait = left.unwrap_or(SIGNALS).min(SIGNALS);
        if poll(wait).map_err(unusable)?
            && let Event::Key(key) = read().map_err(unusable)?
        {
            match Wish::of(key) {
                Some(Wish::Leave) => return Ok(ExitCode::SUCCESS),
                Some(Wish::Up) => view.scrolled = view.scrolled.saturating_sub(1),
                Some(Wish::Down) => {
                    view.scrolled = (view.scrolled + 1).min(look.vms.len().saturating_sub(1));
                }
                None => {}
            }
        }
        if let Ok(seen) = looks.try_recv() {
            look = seen.unwrap_or_else(|failure| stale(&look, &failure));
            due = Some(clock.now().saturating_add(interval));
        }
        if due.is_some_and(|due| clock.now() >= due) && ask.send(()).is_ok() {
            due = None;
        }
    }
}

/// What a person wants by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Leave,
    Up,
    Down,
}

impl Wish {
    fn of(key: KeyEvent) -> Option<Self> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                Some(Self::Leave)
            }
            KeyCode::Char('q') | KeyCode::Esc => Some(Self::Leave),
            KeyCode::Up | KeyCode::Char('k') => Some(Self::Up),
            KeyCode::Down | KeyCode::Char('j') => Some(Self::Down),
            _ => None,
        }
    }
}

/// The terminal, which is as it was before once this is dropped, also by a panic.
struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    fn open() -> Result<Self, Failure> {
        // A half that was taken over before the other half was refused is given back too.
        let terminal = ratatui::try_init().inspect_err(|_| restore());
        Ok(Self {
            terminal: terminal.map_err(unusable)?,
        })
    }

    fn draw(&mut self, look: &Look, view: View) -> Result<(), Failure> {
        let drawn = self.terminal.draw(|frame| draw(frame, look, view));
        drawn.map(drop).map_err(unusable)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    // A terminal that is gone needs nothing.
    let _ = ratatui::try_restore();
}

fn unusable(source: std::io::Error) -> Failure {
    Failure::Terminal { source }
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::Wish;

    #[test]
    fn keys_are_those_of_the_help() {
        let plain = |code| Wish::of(KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(plain(KeyCode::Char('q')), Some(Wish::Leave));
        assert_eq!(plain(KeyCode::Esc), Some(Wish::Leave));
        assert_eq!(plain(KeyCode::Up), Some(Wish::Up));
        assert_eq!(plain(KeyCode::Char('c')), None);
        let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(Wish::of(ctrl_c), Some(Wish::Leave));
    }
}
