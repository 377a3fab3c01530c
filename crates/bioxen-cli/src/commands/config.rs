//! `bioxen config`: files of settings, what is wrong with them, and what is in force.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bioxen::config::{
    ConfigErrors, FileChoice, Format, Loaded, Request, Surroundings, candidates, generate_template,
    load, reference, save, schema, text,
};

use crate::args::{CheckArgs, ConfigArgs, ConfigForm, ConfigVerb, InitArgs, SaveArgs, WantedArgs};
use crate::failure::{CONFIG, Failure, say};
use crate::output::config as output;
use crate::output::sink::{Extent, Sink};

/// Does what was asked about configurations.
pub(crate) fn config(args: &ConfigArgs) -> Result<ExitCode, Failure> {
    match &args.verb {
        ConfigVerb::Init(args) => init(args),
        ConfigVerb::Check(args) => check(args),
        ConfigVerb::Show(args) => {
            let loaded = load(&request(args.config.as_deref(), &args.wanted))?;
            warn(&loaded);
            print(|out| match args.output {
                ConfigForm::Table => output::write_show(&loaded, args.origin, out),
                ConfigForm::Json => output::write_show_json(&loaded, out),
            })
        }
        ConfigVerb::Schema => print(|out| out.write_all(schema().as_bytes())),
        ConfigVerb::Reference => print(|out| out.write_all(reference().as_bytes())),
        ConfigVerb::Path => {
            let places = candidates(&Surroundings::of_process());
            print(|out| output::write_places(&places, out))
        }
        ConfigVerb::Save(args) => save_to(args),
    }
}

/// What is to be loaded: this file or the one that is found, with what the flags say.
pub(super) fn request(file: Option<&Path>, wanted: &WantedArgs) -> Request {
    let mut request = Request::new(Surroundings::of_process());
    if let Some(file) = file {
        request.file = FileChoice::Path(file.to_owned());
    }
    request.organism = wanted.organism;
    request.vm_type = wanted.vm_type;
    request.strict = wanted.strict;
    request.flags = wanted.set.clone();
    request
}

/// Tells the person what is probably not meant.
pub(super) fn warn(loaded: &Loaded) {
    if loaded.problems.warnings() > 0 {
        say(output::plain(&loaded.problems).trim_end());
    }
}

fn init(args: &InitArgs) -> Result<ExitCode, Failure> {
    let template = generate_template(args.organism, args.vm_type);
    if args.out == Path::new("-") {
        return print(|out| out.write_all(template.as_bytes()));
    }
    if !args.force && std::fs::symlink_metadata(&args.out).is_ok() {
        let path = args.out.clone();
        return Err(Failure::There { path });
    }
    save(&args.out, &template)?;
    let blanks = template.matches(bioxen::config::BLANK).count();
    say(&match blanks {
        0 => format!("wrote {}", args.out.display()),
        n => format!(
            "wrote {}, in which {n} values are to be filled in",
            args.out.display()
        ),
    });
    Ok(ExitCode::SUCCESS)
}

fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let request = request(args.file.as_deref(), &args.wanted);
    let answer = load(&request);
    if let Ok(loaded) = &answer
        && loaded.files.is_empty()
    {
        let places = candidates(&request.surroundings);
        let places: Vec<PathBuf> = places.into_iter().map(|place| place.path).collect();
        return Err(Failure::NoConfig { places });
    }
    print(|out| match args.output {
        ConfigForm::Table => output::write_check(&answer, out),
        ConfigForm::Json => output::write_check_json(&answer, out),
    })?;
    Ok(match answer {
        Ok(_) => ExitCode::SUCCESS,
        Err(ConfigErrors { .. }) => ExitCode::from(CONFIG),
    })
}

fn save_to(args: &SaveArgs) -> Result<ExitCode, Failure> {
    let loaded = load(&request(args.config.as_deref(), &args.wanted))?;
    warn(&loaded);
    if output::has_secret(&loaded) {
        say(
            "note: the password is not written; use password_file, password_env or password_command",
        );
    }
    let format = match Format::of(&args.to) {
        Some(Format::Json) => Format::Json,
        _ => Format::Yaml,
    };
    save(&args.to, &text(&loaded.raw, format))?;
    say(&format!("wrote {}", args.to.display()));
    Ok(ExitCode::SUCCESS)
}

fn print(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<ExitCode, Failure> {
    let mut sink = Sink::open(None)?;
    write(&mut sink).map_err(|source| sink.failed(source))?;
    sink.finish(Extent::Whole)?;
    Ok(ExitCode::SUCCESS)
}
