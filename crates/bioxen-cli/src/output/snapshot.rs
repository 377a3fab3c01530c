//! What is said about images.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use bioxen::resources::ImageFile;
use bioxen::{CellDiff, CountKind, SavedCell};
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use super::json::pretty;

/// What is in an image.
pub(crate) fn write_inspect(
    file: &ImageFile,
    saved: &SavedCell,
    out: &mut dyn Write,
) -> io::Result<()> {
    let SavedCell { vm, seed, cell, .. } = saved;
    let (label, sample, quota) = (&file.label, cell.sample(), cell.quota());
    let constructs = cell.constructs().iter();
    let constructs: Vec<String> = constructs
        .map(|c| format!("{} {}", c.name, c.version))
        .collect();
    let rows = [
        ("VM", vm.to_string()),
        ("seed", seed.to_string()),
        ("organism", label.organism.display_name().to_owned()),
        ("simulated time", sample.time.to_string()),
        ("divisions", sample.generation.to_string()),
        ("cell is", cell.vitality().to_string()),
        ("ATP", quota.atp.to_string()),
        ("ribosomes", format!("{} ({})", quota.ribosomes, quota.unit)),
        ("proteins", sample.proteins.to_string()),
        ("transcripts", sample.mrna.to_string()),
        ("constructs", words(&constructs)),
        ("packages", words(&saved.packages)),
        (
            "size",
            format!(
                "{} bytes, {} in the file",
                file.image_bytes, file.file_bytes
            ),
        ),
        ("state SHA-256", cell.fingerprint()),
    ];
    for (name, value) in rows {
        writeln!(out, "{name:<16}{value}")?;
    }
    Ok(())
}

/// The same as JSON.
pub(crate) fn write_inspect_json(
    file: &ImageFile,
    saved: &SavedCell,
    out: &mut dyn Write,
) -> io::Result<()> {
    let SavedCell { vm, seed, cell, .. } = saved;
    let (quota, metrics) = (cell.quota(), cell.metrics());
    let constructs = cell.constructs().iter();
    let constructs: Vec<Value> = constructs
        .map(|c| json!({ "name": c.name, "version": c.version }))
        .collect();
    let answer = json!({
        "vm_id": vm.to_string(),
        "seed": seed.get(),
        "organism": file.label.organism.to_string(),
        "saved_at_unix_s": unix_seconds(file.label.saved_at),
        "simulated_s": metrics.sim_time.seconds(),
        "vitality": cell.vitality().to_string(),
        "atp_percent": quota.atp.percent(),
        "ribosomes": quota.ribosomes.get(),
        "ribosome_unit": quota.unit.to_string(),
        "constructs": constructs,
        "packages": saved.packages,
        "metrics": metrics,
        "image_bytes": file.image_bytes,
        "file_bytes": file.file_bytes,
        "state_sha256": cell.fingerprint(),
    });
    pretty(answer, out)
}

/// What is different between two cells: of each kind of counts the first `top`.
pub(crate) fn write_diff(
    before: &SavedCell,
    after: &SavedCell,
    diff: &CellDiff,
    top: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if diff.settings.is_empty() && diff.counts.is_empty() {
        // The stream and what is under way may differ all the same, as in a fork.
        return if before.cell.fingerprint() == after.cell.fingerprint() {
            writeln!(out, "the cells are the same")
        } else {
            writeln!(out, "no setting and no count is different")
        };
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "",
        &before.vm.to_string(),
        &after.vm.to_string(),
    ]);
    for setting in &diff.settings {
        table.add_row([setting.name, &setting.before, &setting.after]);
    }
    for kind in CountKind::ALL {
        let of_kind: Vec<_> = diff.counts.iter().filter(|c| c.kind == kind).collect();
        let shown = match top {
            0 => of_kind.len(),
            top => top.min(of_kind.len()),
        };
        for change in &of_kind[..shown] {
            let name = format!("{} {}", kind.as_str(), change.name);
            let (before, after) = (change.before.to_string(), change.after.to_string());
            table.add_row([name, before, after]);
        }
        if shown < of_kind.len() {
            let more = of_kind.len() - shown;
            table.add_row([format!("{} more with other counts: {more}", kind.as_str())]);
        }
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The same as JSON, with all counts.
pub(crate) fn write_diff_json(
    before: &SavedCell,
    after: &SavedCell,
    diff: &CellDiff,
    out: &mut dyn Write,
) -> io::Result<()> {
    let settings: Vec<Value> = (diff.settings.iter())
        .map(|s| json!({ "name": s.name, "before": s.before, "after": s.after }))
        .collect();
    let counts: Vec<Value> = (diff.counts.iter())
        .map(|c| json!({ "kind": c.kind.as_str(), "name": c.name, "before": c.before, "after": c.after }))
        .collect();
    let answer = json!({
        "before": before.vm.to_string(),
        "after": after.vm.to_string(),
        "settings": settings,
        "counts": counts,
    });
    pretty(answer, out)
}

/// The images that are kept, one a line.
pub(crate) fn write_kept(images: &[ImageFile], out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "VM",
        "organism",
        "simulated time",
        "bytes",
        "file",
    ]);
    for image in images {
        table.add_row([
            image.label.id.to_string(),
            image.label.organism.to_string(),
            image.label.sim_time.to_string(),
            image.file_bytes.to_string(),
            image.path.display().to_string(),
        ]);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    match images.len() {
        1 => writeln!(out, "1 image"),
        n => writeln!(out, "{n} images"),
    }
}

/// The same as JSON.
pub(crate) fn write_kept_json(images: &[ImageFile], out: &mut dyn Write) -> io::Result<()> {
    let images: Vec<Value> = images
        .iter()
        .map(|image| {
            json!({
                "vm_id": image.label.id.to_string(),
                "organism": image.label.organism.to_string(),
                "simulated_s": image.label.sim_time.seconds(),
                "saved_at_unix_s": unix_seconds(image.label.saved_at),
                "file_bytes": image.file_bytes,
                "path": image.path.display().to_string(),
            })
        })
        .collect();
    pretty(json!({ "images": images }), out)
}

fn words(all: &[String]) -> String {
    match all {
        [] => "none".to_owned(),
        some => some.join(", "),
    }
}

/// Seconds since 1970; 0 for a time before.
fn unix_seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs_f64()
}
