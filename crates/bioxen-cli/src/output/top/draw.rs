//! The live view as a pure function of a look.

use bioxen::agent::Event;
use bioxen::{GrowthPhase, VmState};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Look, Seen};
use crate::output::events::utc;

/// Below this level of ATP a cell starves, percent.
const STARVING: f64 = 20.0;

/// Most alerts at the bottom.
const ALERTS: usize = 5;

/// How a look is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Rows that are scrolled away.
    pub(crate) scrolled: usize,
    /// Whether colors may be used; nothing is said by them alone.
    pub(crate) colors: bool,
}

/// Draws a look, in whatever room there is.
pub(crate) fn draw(frame: &mut Frame<'_>, look: &Look, view: View) {
    let area = frame.area();
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut lines = vec![title(look, width)];
    let columns = Columns::of(width);
    lines.push(columns.header());
    let bottom = bottom(look, width, height);
    let room = height.saturating_sub(lines.len() + bottom.len());
    let scrolled = view.scrolled.min(look.vms.len().saturating_sub(room));
    let shown = look.vms.iter().skip(scrolled).take(room);
    lines.extend(shown.map(|seen| columns.row(seen, view.colors)));
    // The bottom stays where it is.
    lines.resize(height.saturating_sub(bottom.len()).max(2), Line::default());
    lines.extend(bottom);
    frame.render_widget(Paragraph::new(lines), Rect { ..area });
}

fn title(look: &Look, width: usize) -> Line<'static> {
    let vms = match look.vms.len() {
        1 => "1 VM".to_owned(),
        n => format!("{n} VMs"),
    };
    let text = match &look.trouble {
        Some(trouble) => format!("bioxen top  NOT CURRENT: {trouble}"),
        None => format!(
            "bioxen top  {vms}, {} running  {}",
            look.running(),
            look.folder
        ),
    };
    Line::from(Span::styled(
        fit(&text, width),
        Style::new().add_modifier(Modifier::BOLD),
    ))
}

/// The last alerts, where there is room for them, and the keys.
fn bottom(look: &Look, width: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let room = (height / 3).min(ALERTS);
    if height >= 10 && !look.alerts.is_empty() {
        lines.push(Line::from("alerts"));
        let skipped = look.alerts.len().saturating_sub(room);
        let last = look.alerts.iter().skip(skipped);
        lines.extend(last.map(|alert| Line::from(fit(&told(alert), width))));
    }
    if height >= 4 {
        lines.push(Line::from(fit("q leave  up/down scroll", width)));
    }
    lines
}

fn told(alert: &Event) -> String {
    let at = utc(alert.at);
    let time = at.get(11..19).unwrap_or_default();
    let vm = alert.vm.as_ref().map_or("-", |vm| vm.as_str());
    format!("  ! {time} {vm}: {}", alert.text)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Organism,
    State,
    Atp,
    Ribosomes,
    Phase,
    Speed,
    Alerts,
}

/// From left to right, with the least width.
const ALL: [(Column, &str, usize); 8] = [
    (Column::Name, "name", 8),
    (Column::Organism, "organism", 12),
    (Column::State, "state", 7),
    (Column::Atp, "ATP level", 13),
    (Column::Ribosomes, "rib/cap/units", 14),
    (Column::Phase, "phase", 6),
    (Column::Speed, "speed", 7),
    (Column::Alerts, "!", 3),
];

/// Which go first when there is not enough room.
const DISPENSABLE: [Column; 4] = [
    Column::Phase,
    Column::Organism,
    Column::Ribosomes,
    Column::Speed,
];

/// What more room is given to, with the greatest width.
const ELASTIC: [(Column, usize); 3] = [(Column::Name, 24), (Column::Phase, 21), (Column::Atp, 33)];

/// The columns that fit, with their widths.
#[derive(Debug)]
struct Columns(Vec<(Column, &'static str, usize)>);

impl Columns {
    fn of(width: usize) -> Self {
        let mut columns = Self(ALL.to_vec());
        for gone in DISPENSABLE {
            if columns.width() > width {
                columns.0.retain(|(column, ..)| *column != gone);
            }
        }
        for (elastic, most) in ELASTIC {
            let spare = width.saturating_sub(columns.width());
            let wanted = columns.0.iter_mut().find(|(column, ..)| *column == elastic);
            if let Some((_, _, width)) = wanted {
                *width += spare.min(most - *width);
            }
        }
        columns
    }

    fn width(&self) -> usize {
        let widths: usize = self.0.iter().map(|(_, _, width)| width).sum();
        widths + self.0.len() - 1
    }

    fn header(&self) -> Line<'static> {
        let style = Style::new().add_modifier(Modifier::REVERSED);
        let titles = self.0.iter().map(|(_, title, width)| fit(title, *width));
        let titles: Vec<String> = titles.collect();
        Line::from(Span::styled(titles.join(" "), style))
    }

    fn row(&self, seen: &Seen, colors: bool) -> Line<'static> {
        let mut spans = Vec::new();
        for (column, _, width) in &self.0 {
            if !spans.is_empty() {
                spans.push(Span::raw(" "));
            }
            let text = fit(&column.text(seen, *width), *width);
            let style = match colors {
                true => column.style(seen),
                false => Style::new(),
            };
            spans.push(Span::styled(text, style));
        }
        Line::from(spans)
    }
}

impl Column {
    fn text(self, seen: &Seen, width: usize) -> String {
        let status = &seen.status;
        match self {
            Self::Name => status.id.to_string(),
            Self::Organism => status.organism.to_string(),
            Self::State => status.state.to_string(),
            Self::Atp => match seen.atp_percent() {
                Some(percent) => gauge(percent, width),
                None => "-".to_owned(),
            },
            Self::Ribosomes => seen.ribosomes(),
            Self::Phase => match seen.phase {
                Some(phase) if width >= 21 => phase.to_string(),
                Some(phase) => short(phase).to_owned(),
                None => "-".to_owned(),
            },
            Self::Speed => seen.speed(),
            Self::Alerts => seen.alerts(),
        }
    }

    fn style(self, seen: &Seen) -> Style {
        let state = seen.status.state;
        let starves = seen.atp_percent().is_some_and(|level| level < STARVING);
        match self {
            Self::State if state == VmState::Running => Style::new().fg(Color::Green),
            Self::State if state == VmState::Error => Style::new().fg(Color::Red),
            Self::Atp if starves => Style::new().fg(Color::Red),
            Self::Atp => Style::new().fg(Color::Green),
            Self::Alerts if seen.alerts > 0 => Style::new().fg(Color::Yellow),
            _ => Style::new(),
        }
    }
}

/// Six letters for a growth phase.
fn short(phase: GrowthPhase) -> &'static str {
    match phase {
        GrowthPhase::Exponential => "expon",
        GrowthPhase::StationaryNutrient => "stat-N",
        GrowthPhase::StationaryEnergy => "stat-E",
    }
}

/// A bar and its percentage, together as wide as this.
fn gauge(percent: f64, width: usize) -> String {
    let length = width.saturating_sub(" 100%".len() + "[]".len());
    let full = |n: usize| (n as f64 + 0.5) * 100.0 <= percent * length as f64;
    let bar: String = (0..length)
        .map(|n| if full(n) { '#' } else { '-' })
        .collect();
    format!("[{bar}] {percent:>3.0}%")
}

/// A text of exactly this width; what is too long ends with `~`.
fn fit(text: &str, width: usize) -> String {
    let text = text.replace(char::is_control, " ");
    if text.chars().count() <= width {
        return format!("{text:<width$}");
    }
    let kept = text.chars().take(width.saturating_sub(1));
    kept.chain("~".chars()).take(width).collect()
}

#[cfg(test)]
mod tests;
