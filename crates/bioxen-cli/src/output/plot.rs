//! The time course as a picture: six panels in one SVG file, to be read on a screen and in print.

mod curve;
mod scale;

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use bioxen::{Sample, SimTime};

use self::curve::Curve;
use self::scale::Scale;

const WIDTH: f64 = 1120.0;
const HEIGHT: f64 = 876.0;
const HEADER: f64 = 76.0;
const PANEL_WIDTH: f64 = 440.0;
const PANEL_HEIGHT: f64 = 176.0;
const LEFT: f64 = 72.0;
const COLUMN: f64 = 574.0;
const ROW: f64 = 260.0;

// Colors of Okabe and Ito, told apart by nearly everyone and in gray.
const BLUE: &str = "#0072b2";
const ORANGE: &str = "#d55e00";
const BLACK: &str = "#222222";
const GRAY: &str = "#777777";

/// What is drawn.
#[derive(Debug)]
pub(crate) struct Picture<'a> {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) cells: Vec<Trace<'a>>,
}

/// The readings of one cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trace<'a> {
    pub(crate) samples: &'a [Sample],
    pub(crate) divisions: &'a [SimTime],
}

/// One panel.
struct Panel {
    title: &'static str,
    unit: &'static str,
    left: &'static [Series],
    /// Title and series of a second axis from 0 to 1.
    right: Option<(&'static str, Series)>,
}

/// One quantity of a panel.
struct Series {
    label: &'static str,
    color: &'static str,
    dash: &'static str,
    read: fn(&Sample) -> f64,
}

const fn line(label: &'static str, color: &'static str, read: fn(&Sample) -> f64) -> Series {
    Series {
        label,
        color,
        dash: "none",
        read,
    }
}

const PANELS: [Panel; 6] = [
    Panel {
        title: "ATP and energy charge",
        unit: "mM",
        left: &[line("ATP", BLUE, |s| s.atp_mm)],
        right: Some((
            "energy charge",
            line("energy charge (right)", ORANGE, |s| s.energy_charge),
        )),
    },
    Panel {
        title: "Ribosomes",
        unit: "molecules",
        left: &[
            line("working", BLUE, |s| f64::from(s.ribosomes_translating)),
            line("free", ORANGE, |s| f64::from(s.ribosomes_free)),
            Series {
                label: "cap",
                color: BLACK,
                dash: "6 4",
                read: |s| f64::from(s.ribosome_cap),
            },
        ],
        right: None,
    },
    Panel {
        title: "mRNA",
        unit: "molecules",
        left: &[line("mRNA", BLUE, |s| s.mrna as f64)],
        right: None,
    },
    Panel {
        title: "Protein",
        unit: "thousand molecules",
        left: &[line("protein", BLUE, |s| s.proteins as f64 / 1e3)],
        right: None,
    },
    Panel {
        title: "Volume",
        unit: "aL",
        left: &[line("volume", BLUE, |s| s.volume_al)],
        right: None,
    },
    Panel {
        title: "DNA",
        unit: "kbp",
        left: &[line("DNA", BLUE, |s| s.dna_bp as f64 / 1e3)],
        right: None,
    },
];

/// Unit of the time axis: its name and its length in s.
fn time_unit(end: f64) -> (&'static str, f64) {
    if end > 5.0 * 3600.0 {
        ("h", 3600.0)
    } else if end > 300.0 {
        ("min", 60.0)
    } else {
        ("s", 1.0)
    }
}

/// Writes the picture as SVG.
pub(crate) fn draw(picture: &Picture<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut svg = String::new();
    write_svg(picture, &mut svg).map_err(io::Error::other)?;
    out.write_all(svg.as_bytes())
}

fn write_svg(picture: &Picture<'_>, svg: &mut String) -> fmt::Result {
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"{BLACK}\">"
    )?;
    writeln!(svg, "<title>{}</title>", escaped(&picture.title))?;
    writeln!(
        svg,
        "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>"
    )?;
    let start = LEFT - 42.0;
    text(
        svg,
        start,
        32.0,
        "font-size=\"19\" font-weight=\"bold\"",
        &picture.title,
    )?;
    text(
        svg,
        start,
        54.0,
        &format!("font-size=\"13\" fill=\"{GRAY}\""),
        &picture.subtitle,
    )?;
    let end = picture
        .cells
        .iter()
        .filter_map(|cell| cell.samples.last())
        .map(|sample| sample.time.seconds())
        .fold(0.0, f64::max);
    let places = [
        (0.0, 0.0),
        (1.0, 0.0),
        (0.0, 1.0),
        (1.0, 1.0),
        (0.0, 2.0),
        (1.0, 2.0),
    ];
    for (panel, (column, row)) in PANELS.iter().zip(places) {
        let frame = Frame {
            x: LEFT + column * COLUMN,
            y: HEADER + 32.0 + row * ROW,
            end,
        };
        write_panel(panel, picture, &frame, svg)?;
    }
    writeln!(svg, "</svg>")
}

/// Where a panel is, and how long its time axis is, s.
struct Frame {
    x: f64,
    y: f64,
    end: f64,
}

impl Frame {
    fn right(&self) -> f64 {
        self.x + PANEL_WIDTH
    }

    fn bottom(&self) -> f64 {
        self.y + PANEL_HEIGHT
    }
}

fn write_panel(
    panel: &Panel,
    picture: &Picture<'_>,
    frame: &Frame,
    svg: &mut String,
) -> fmt::Result {
    let (unit, length) = time_unit(frame.end);
    let times = Scale::times(frame.end / length, frame.x, frame.right());
    let cells: Vec<&[Sample]> = picture.cells.iter().map(|cell| cell.samples).collect();
    let curves: Vec<Curve> = panel
        .left
        .iter()
        .map(|series| Curve::new(&cells, series.read))
        .collect();
    let largest = curves.iter().map(Curve::largest).fold(0.0, f64::max);
    let values = Scale::values(largest, frame.bottom(), frame.y);
    let time = |seconds: f64| times.pixel(seconds / length);

    write_grid(&times, &values, frame, svg)?;
    write_divisions(picture, &time, frame, svg)?;
    for (series, curve) in panel.left.iter().zip(&curves) {
        write_curve(series, curve, &time, &|value| values.pixel(value), svg)?;
    }
    if let Some((title, series)) = &panel.right {
        let unity = |value: f64| frame.bottom() - PANEL_HEIGHT * value;
        let curve = Curve::new(&cells, series.read);
        write_curve(series, &curve, &time, &unity, svg)?;
        for label in ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"] {
            let y = unity(label.parse().unwrap_or_default());
            text(svg, frame.right() + 8.0, y + 4.0, "", label)?;
        }
        upright(
            svg,
            frame.right() + 42.0,
            frame.y + PANEL_HEIGHT / 2.0,
            title,
        )?;
    }
    text(
        svg,
        frame.x,
        frame.y - 12.0,
        "font-size=\"14\" font-weight=\"bold\"",
        panel.title,
    )?;
    upright(
        svg,
        frame.x - 54.0,
        frame.y + PANEL_HEIGHT / 2.0,
        panel.unit,
    )?;
    text(
        svg,
        frame.x + PANEL_WIDTH / 2.0,
        frame.bottom() + 35.0,
        "text-anchor=\"middle\"",
        &format!("time ({unit})"),
    )?;
    write_legend(panel, frame, svg)
}

fn write_grid(times: &Scale, values: &Scale, frame: &Frame, svg: &mut String) -> fmt::Result {
    let (left, right, top, bottom) = (frame.x, frame.right(), frame.y, frame.bottom());
    for (value, label) in values.ticks() {
        let y = values.pixel(value);
        writeln!(
            svg,
            "<path d=\"M{left:.1} {y:.1}H{right:.1}\" stroke=\"#e4e4e4\"/>"
        )?;
        text(svg, left - 8.0, y + 4.0, "text-anchor=\"end\"", &label)?;
    }
    for (value, label) in times.ticks() {
        let x = times.pixel(value);
        writeln!(
            svg,
            "<path d=\"M{x:.1} {bottom:.1}v5\" stroke=\"{BLACK}\"/>"
        )?;
        text(svg, x, bottom + 19.0, "text-anchor=\"middle\"", &label)?;
    }
    writeln!(
        svg,
        "<path d=\"M{left:.1} {top:.1}V{bottom:.1}H{right:.1}\" stroke=\"{BLACK}\" fill=\"none\"/>"
    )
}

/// A line across the panel at each division of a single cell, a short mark at the top for each of many cells.
fn write_divisions(
    picture: &Picture<'_>,
    time: &dyn Fn(f64) -> f64,
    frame: &Frame,
    svg: &mut String,
) -> fmt::Result {
    let alone = picture.cells.len() == 1;
    let (length, dash) = if alone {
        (PANEL_HEIGHT, "2 3")
    } else {
        (7.0, "none")
    };
    for division in picture.cells.iter().flat_map(|cell| cell.divisions) {
        let x = time(division.seconds());
        writeln!(
            svg,
            "<path d=\"M{x:.1} {:.1}v{length}\" stroke=\"{GRAY}\" stroke-dasharray=\"{dash}\"/>",
            frame.y
        )?;
    }
    Ok(())
}

fn write_curve(
    series: &Series,
    curve: &Curve,
    time: &dyn Fn(f64) -> f64,
    value: &dyn Fn(f64) -> f64,
    svg: &mut String,
) -> fmt::Result {
    let Series { color, dash, .. } = series;
    let place = |(at, reading): (f64, f64)| format!("{:.1},{:.1}", time(at), value(reading));
    let joined = |points: Vec<String>| points.join(" ");
    // A dashed curve is a bound of another one: a second band would hide the first.
    let band: Vec<(f64, (f64, f64))> = curve
        .points
        .iter()
        .filter_map(|p| p.band.map(|band| (p.time, band)))
        .collect();
    if !band.is_empty() && *dash == "none" {
        let top = band.iter().map(|(time, (_, high))| (*time, *high));
        let back = band.iter().rev().map(|(time, (low, _))| (*time, *low));
        let edge = joined(top.chain(back).map(place).collect());
        writeln!(
            svg,
            "<polygon points=\"{edge}\" fill=\"{color}\" fill-opacity=\"0.2\"/>"
        )?;
    }
    let middle = joined(
        curve
            .points
            .iter()
            .map(|p| place((p.time, p.middle)))
            .collect(),
    );
    writeln!(
        svg,
        "<polyline points=\"{middle}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.6\" stroke-linejoin=\"round\" stroke-dasharray=\"{dash}\"/>"
    )
}

/// Names of the curves, on the line of the title and flush with the right edge.
fn write_legend(panel: &Panel, frame: &Frame, svg: &mut String) -> fmt::Result {
    let series: Vec<&Series> = panel
        .left
        .iter()
        .chain(panel.right.iter().map(|(_, series)| series))
        .collect();
    // A single curve is named by the title.
    if series.len() < 2 {
        return Ok(());
    }
    let y = frame.y - 12.0;
    let mut x = frame.right();
    for series in series.into_iter().rev() {
        // Sans-serif letters of 12 px are about 6.2 px wide.
        x -= series.label.len() as f64 * 6.2;
        text(svg, x, y, "", series.label)?;
        let start = x - 28.0;
        writeln!(
            svg,
            "<path d=\"M{start:.1} {:.1}h22\" stroke=\"{}\" stroke-width=\"2.4\" stroke-dasharray=\"{}\"/>",
            y - 4.0,
            series.color,
            series.dash
        )?;
        x = start - 14.0;
    }
    Ok(())
}

fn text(svg: &mut String, x: f64, y: f64, attributes: &str, content: &str) -> fmt::Result {
    writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{}</text>",
        escaped(content)
    )
}

/// Text that reads upward, centered on a point.
fn upright(svg: &mut String, x: f64, y: f64, content: &str) -> fmt::Result {
    writeln!(
        svg,
        "<text transform=\"translate({x:.1} {y:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        escaped(content)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
