//! What stands before the parser of answers: limits, and repairs of what the parser cannot do.

use super::CodecError;

/// The longest answer that is read, bytes.
pub(crate) type BodyLimit = usize;

/// How deep arrays and structs may be in each other.
const MOST_LEVELS: usize = 64;

/// An answer that may go to the parser.
#[derive(Debug)]
pub(super) struct Guarded {
    /// Its text.
    pub(super) text: String,
    /// Text that begins with it had to be marked so that the parser sees it.
    pub(super) mark: Option<char>,
    /// Whether it was a fault; it is a value like others now.
    pub(super) fault: bool,
}

/// Checks an answer in one pass, and rewrites what the parser would get wrong:
///
/// - an empty member name, which the parser refuses, and text of nothing but white space, which it loses, begin with a mark;
/// - a date becomes text, since the parser takes dates that are none and drops their zone;
/// - a fault becomes a value, since the parser knows only faults with two members;
/// - the XML declaration goes, since the text is known to be UTF-8 whatever it says.
pub(super) fn guard(body: &[u8], limit: BodyLimit) -> Result<Guarded, CodecError> {
    if body.len() > limit {
        return Err(CodecError::TooLong { limit });
    }
    let text = std::str::from_utf8(body).map_err(|error| CodecError::NotUtf8 {
        at: error.valid_up_to(),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut scan = Scan {
        text,
        mark: free_mark(text)?,
        out: String::with_capacity(text.len()),
        levels: 0,
        marked: false,
        fault: false,
    };
    scan.run()?;
    Ok(Guarded {
        mark: scan.marked.then_some(scan.mark),
        text: scan.out,
        fault: scan.fault,
    })
}

/// A character that the text has not.
fn free_mark(text: &str) -> Result<char, CodecError> {
    ('\u{e000}'..='\u{e00f}')
        .find(|candidate| !text.contains(*candidate))
        .ok_or(CodecError::Malformed { at: None })
}

struct Scan<'a> {
    text: &'a str,
    mark: char,
    out: String,
    levels: usize,
    marked: bool,
    fault: bool,
}

impl<'a> Scan<'a> {
    fn run(&mut self) -> Result<(), CodecError> {
        // The name of the tag that opened last, if nothing but text came since.
        let mut opened = None;
        let mut at = 0;
        while at < self.text.len() {
            let rest = &self.text[at..];
            let length = rest.find('<').unwrap_or(rest.len());
            let (run, rest) = rest.split_at(length);
            let begin = at;
            at += length;
            if rest.is_empty() {
                self.out.push_str(run);
                break;
            }
            if let Some(after) = rest.strip_prefix("<!--") {
                let end = after.find("-->").ok_or(malformed(at))?;
                self.out.push_str(run);
                at += "<!--".len() + end + "-->".len();
                opened = None;
            } else if let Some(after) = rest.strip_prefix("<![CDATA[") {
                let length = "<![CDATA[".len() + after.find("]]>").ok_or(malformed(at))? + 3;
                self.out.push_str(run);
                self.out.push_str(&rest[..length]);
                at += length;
                opened = None;
            } else if rest.starts_with("<!") {
                return Err(CodecError::Declaration { at });
            } else if let Some(after) = rest.strip_prefix("<?") {
                let end = after.find("?>").ok_or(malformed(at))?;
                self.out.push_str(run);
                at += "<?".len() + end + "?>".len();
                opened = None;
            } else {
                let length = rest.find('>').ok_or(malformed(at))? + 1;
                let tag = Tag::parse(&rest[1..length - 1]).ok_or(malformed(at))?;
                self.text_run(run, opened, &tag, begin == 0);
                self.tag(&tag)?;
                opened = (tag.form == Form::Open).then_some(tag.name);
                at += length;
            }
        }
        Ok(())
    }

    /// Writes the text between two tags.
    fn text_run(&mut self, run: &str, opened: Option<&str>, tag: &Tag<'_>, first: bool) {
        if first && run.trim_ascii().is_empty() {
            // The parser wants nothing before the first tag.
            return;
        }
        let whole = tag.form == Form::Close && opened == Some(tag.name);
        // White space may be written as a number too.
        let perhaps_blank =
            run.trim_ascii_start().is_empty() || run.trim_ascii_start().starts_with("&#");
        let lost = match tag.name {
            "name" => perhaps_blank,
            "value" | "string" => perhaps_blank && !run.is_empty(),
            _ => false,
        };
        if whole && lost {
            self.out.push(self.mark);
            self.marked = true;
        }
        self.out.push_str(run);
    }

    fn tag(&mut self, tag: &Tag<'_>) -> Result<(), CodecError> {
        if matches!(tag.name, "array" | "struct") {
            match tag.form {
                Form::Open => self.levels += 1,
                Form::Close => self.levels = self.levels.saturating_sub(1),
                Form::Empty => {}
            }
            if self.levels > MOST_LEVELS {
                return Err(CodecError::TooDeep { limit: MOST_LEVELS });
            }
        }
        match (tag.name, tag.form) {
            ("fault", Form::Open) => {
                self.fault = true;
                self.out.push_str("<params><param>");
            }
            ("fault", Form::Close) => self.out.push_str("</param></params>"),
            ("dateTime.iso8601", form) => self.write("string", form),
            ("name", Form::Empty) => {
                self.marked = true;
                self.out.push_str("<name>");
                self.out.push(self.mark);
                self.out.push_str("</name>");
            }
            (name, form) => self.write(name, form),
        }
        Ok(())
    }

    fn write(&mut self, name: &str, form: Form) {
        self.out
            .push_str(if form == Form::Close { "</" } else { "<" });
        self.out.push_str(name);
        self.out
            .push_str(if form == Form::Empty { "/>" } else { ">" });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Open,
    Close,
    Empty,
}

#[derive(Clone, Copy, Debug)]
struct Tag<'a> {
    name: &'a str,
    form: Form,
}

impl<'a> Tag<'a> {
    /// Parses what is between the angles; XML-RPC has no attributes.
    fn parse(inner: &'a str) -> Option<Self> {
        let (inner, form) = if let Some(inner) = inner.strip_prefix('/') {
            (inner, Form::Close)
        } else if let Some(inner) = inner.strip_suffix('/') {
            (inner, Form::Empty)
        } else {
            (inner, Form::Open)
        };
        let name = inner.trim_end();
        let known = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        known.then_some(Self { name, form })
    }
}

fn malformed(at: usize) -> CodecError {
    CodecError::Malformed { at: Some(at) }
}
