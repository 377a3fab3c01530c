//! Bytes to a call.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Arg, Malformed};

/// A call that is well-formed, whatever it asks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) args: Vec<Arg>,
}

/// Longest body that the server reads.
const LONGEST: usize = 300 * 1024;
/// An array or a struct in a value takes three levels.
const DEEPEST: usize = 192;

/// Reads a `methodCall`.
pub(crate) fn read_call(body: &[u8]) -> Result<Call, Malformed> {
    if body.len() > LONGEST {
        return Err(Malformed::TooLong {
            length: body.len(),
            limit: LONGEST,
        });
    }
    let text = std::str::from_utf8(body).map_err(|error| Malformed::NotXml {
        why: error.to_string(),
    })?;
    let mut tokens = Tokens {
        list: tokens(text)?,
        next: 0,
    };
    let call = tokens.within("methodCall", |tokens| {
        let name = tokens.within("methodName", Tokens::text)?;
        let args = tokens.within("params", |tokens| {
            let mut args = Vec::new();
            while !tokens.at_end() {
                args.push(tokens.within("param", Tokens::value)?);
            }
            Ok(args)
        })?;
        Ok(Call { name, args })
    })?;
    Ok(call)
}

#[derive(Debug, PartialEq)]
enum Token {
    Start(String),
    End,
    Text(String),
}

/// The elements and texts of a document, with entities resolved and adjacent texts joined.
fn tokens(text: &str) -> Result<Vec<Token>, Malformed> {
    let bad = |why: String| Malformed::NotXml { why };
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut list: Vec<Token> = Vec::new();
    let mut depth = 0_usize;
    loop {
        let piece = match reader
            .read_event()
            .map_err(|error| bad(error.to_string()))?
        {
            Event::Start(start) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(Malformed::TooDeep { limit: DEEPEST });
                }
                list.push(Token::Start(start.name().0.to_owned()));
                continue;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                list.push(Token::End);
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content().into_owned();
                match name.as_str() {
                    "amp" => "&".to_owned(),
                    "lt" => "<".to_owned(),
                    "gt" => ">".to_owned(),
                    "quot" => "\"".to_owned(),
                    "apos" => "'".to_owned(),
                    _ => match reference.resolve_char_ref() {
                        Ok(Some(character)) => character.to_string(),
                        _ => return Err(bad(format!("unknown entity &{name};"))),
                    },
                }
            }
            Event::DocType(_) => return Err(bad("a document type is not accepted".to_owned())),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::Empty(_) => continue,
            Event::Eof => break,
        };
        match list.last_mut() {
            Some(Token::Text(before)) => before.push_str(&piece),
            _ => list.push(Token::Text(piece)),
        }
    }
    if depth > 0 {
        return Err(bad("an element has no end".to_owned()));
    }
    Ok(list)
}

struct Tokens {
    list: Vec<Token>,
    next: usize,
}

impl Tokens {
    fn take(&mut self) -> Option<&Token> {
        let token = self.list.get(self.next);
        self.next += 1;
        token
    }

    /// Whether the element that is open ends here, but for white space.
    fn at_end(&mut self) -> bool {
        self.skip_space();
        matches!(self.list.get(self.next), Some(Token::End) | None)
    }

    fn skip_space(&mut self) {
        while matches!(self.list.get(self.next), Some(Token::Text(text)) if is_space(text)) {
            self.next += 1;
        }
    }

    fn wrong<T>(&self, expected: &str) -> Result<T, Malformed> {
        let found = match self.list.get(self.next.saturating_sub(1)) {
            Some(Token::Start(name)) => format!("<{name}>"),
            Some(Token::End) => "the end of an element".to_owned(),
            Some(Token::Text(_)) => "text".to_owned(),
            None => "the end of the body".to_owned(),
        };
        Err(Malformed::NotACall {
            expected: expected.to_owned(),
            found,
        })
    }

    fn open(&mut self) -> Result<String, Malformed> {
        self.skip_space();
        match self.take() {
            Some(Token::Start(name)) => Ok(name.clone()),
            _ => self.wrong("an element"),
        }
    }

    fn close(&mut self) -> Result<(), Malformed> {
        self.skip_space();
        match self.take() {
            Some(Token::End) => Ok(()),
            _ => self.wrong("the end of an element"),
        }
    }

    fn within<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        if self.open()? != name {
            return self.wrong(&format!("<{name}>"));
        }
        let value = read(self)?;
        self.close()?;
        Ok(value)
    }

    /// Text up to the end of the element, which may be nothing.
    fn text(&mut self) -> Result<String, Malformed> {
        match self.list.get(self.next) {
            Some(Token::End) => Ok(String::new()),
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => {
                self.next += 1;
                self.wrong("text")
            }
        }
    }

    fn value(&mut self) -> Result<Arg, Malformed> {
        self.within("value", |tokens| {
            match (
                tokens.list.get(tokens.next),
                tokens.list.get(tokens.next + 1),
            ) {
                (Some(Token::End), _) => Ok(Arg::Text(String::new())),
                (Some(Token::Text(text)), Some(Token::Start(_))) if is_space(text) => {
                    tokens.typed()
                }
                (Some(Token::Text(_)), _) => tokens.text().map(Arg::Text),
                _ => tokens.typed(),
            }
        })
    }

    fn typed(&mut self) -> Result<Arg, Malformed> {
        let name = self.open()?;
        if matches!(self.list.get(self.next), Some(Token::End)) {
            // An element without content: only some types have such a value.
            let value = match name.as_str() {
                "string" | "value" => Arg::Text(String::new()),
                "array" => Arg::Array(Vec::new()),
                "struct" => Arg::Struct(Vec::new()),
                "nil" => Arg::Nil,
                _ => return self.wrong("content of a value"),
            };
            self.close()?;
            return Ok(value);
        }
        let value = match name.as_str() {
            "int" | "i4" | "i8" => {
                let text = self.text()?;
                match text.trim().parse() {
                    Ok(number) => Arg::Int(number),
                    Err(_) => return self.wrong("an integer"),
                }
            }
            "boolean" => Arg::Bool(self.text()? == "1"),
            "double" => {
                let text = self.text()?;
                match text.trim().parse() {
                    Ok(number) => Arg::Double(number),
                    Err(_) => return self.wrong("a number"),
                }
            }
            "string" => Arg::Text(self.text()?),
            "dateTime.iso8601" => Arg::Date(self.text()?),
            "base64" => {
                self.text()?;
                Arg::Base64
            }
            "array" => self.within("data", |tokens| {
                let mut items = Vec::new();
                while !tokens.at_end() {
                    items.push(tokens.value()?);
                }
                Ok(Arg::Array(items))
            })?,
            "struct" => {
                let mut members = Vec::new();
                while !self.at_end() {
                    members.push(self.within("member", |tokens| {
                        let name = tokens.within("name", Self::text)?;
                        Ok((name, tokens.value()?))
                    })?);
                }
                Arg::Struct(members)
            }
            _ => return self.wrong("a value of a known type"),
        };
        self.close()?;
        Ok(value)
    }
}

fn is_space(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))
}
