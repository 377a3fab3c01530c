//! Where in a JSON text something is, so that an error can name the field.

/// Deeper levels are not named.
const DEEPEST: usize = 128;
/// A longer key is cut.
const LONGEST_KEY: usize = 64;

/// One object or array that is open.
enum Level {
    Object { key: String, at_key: bool },
    Array { index: usize },
}

/// The open objects and arrays before a byte of a JSON text.
pub(super) struct Place {
    levels: Vec<Level>,
}

impl Place {
    /// Of the byte that a parser was at when it failed: `line` from 1, `column` in bytes from 1 on.
    pub(super) fn of(json: &[u8], line: usize, column: usize) -> Self {
        let start: usize = json
            .split_inclusive(|byte| *byte == b'\n')
            .take(line.saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        // The parser may have looked at the byte behind the value, which may close the object that the value is in.
        let end = start.saturating_add(column).saturating_sub(1);
        Self::before(&json[..end.min(json.len())])
    }

    fn before(json: &[u8]) -> Self {
        let mut levels: Vec<Level> = Vec::new();
        let mut rest = json;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b'{' | b'[' if levels.len() == DEEPEST => break,
                b'{' => levels.push(Level::Object {
                    key: String::new(),
                    at_key: true,
                }),
                b'[' => levels.push(Level::Array { index: 0 }),
                b'}' | b']' => drop(levels.pop()),
                b',' => match levels.last_mut() {
                    Some(Level::Object { at_key, .. }) => *at_key = true,
                    Some(Level::Array { index }) => *index += 1,
                    None => {}
                },
                b'"' => {
                    let text = until_quote(rest);
                    rest = rest.get(text.len() + 1..).unwrap_or_default();
                    if let Some(Level::Object { key, at_key }) = levels.last_mut()
                        && *at_key
                    {
                        *key = shown(text);
                        *at_key = false;
                    }
                }
                _ => {}
            }
        }
        Self { levels }
    }

    /// The place of a field beside the last one that was read.
    pub(super) fn beside(mut self, name: &str) -> Self {
        if let Some(Level::Object { key, .. }) = self.levels.last_mut() {
            *key = shown(name.as_bytes());
        }
        self
    }

    /// The path to the place, such as `genes[3]`; empty at the top.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for level in &self.levels {
            match level {
                Level::Object { key, .. } if key.is_empty() => {}
                Level::Object { key, .. } if path.is_empty() => path.push_str(key),
                Level::Object { key, .. } => path.push_str(&format!(".{key}")),
                Level::Array { index } => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}

/// The inside of a string, from behind its first quote to before its last.
fn until_quote(json: &[u8]) -> &[u8] {
    let mut escaped = false;
    let length = json.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    &json[..length.unwrap_or(json.len())]
}

/// A key in one line, cut if it is long.
fn shown(key: &[u8]) -> String {
    let short = &key[..key.len().min(LONGEST_KEY)];
    String::from_utf8_lossy(short)
        .escape_debug()
        .collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[track_caller]
    fn check(json: &str, expect: &str) {
        assert_eq!(Place::before(json.as_bytes()).path(), expect);
    }

    #[test]
    fn fields_and_entries_are_named() {
        check("", "");
        check("{", "");
        check(r#"{"a":1,"b":"x"#, "b");
        check(r#"{"a":{"b":[1,2,{"c":"#, "a.b[2].c");
        check(r#"{"a":{"b":[1,2]},"d":[[],["#, "d[1][0]");
        check(r#"{"a\"}":"]","b":"{", "c"#, "c");
    }

    #[test]
    fn hostile_keys_stay_short_and_in_one_line() {
        let deep = r#"{"a":"#.repeat(100_000);
        assert!(Place::before(deep.as_bytes()).path().len() < 1_000);
        let long = format!(r#"{{"{}":1"#, "\n".repeat(100_000));
        let path = Place::before(long.as_bytes()).path();
        assert!(path.len() < 200 && !path.contains('\n'), "{path}");
    }
}
