//! From the text that is run back to the text that was written.

use starlark::codemap::{CodeMap, FileSpan, Pos, Span};
use starlark::errors::Frame;
use starlark::eval::CallStack;

/// Where the parts of a trapped program come from.
#[derive(Debug, Default)]
pub(super) struct SourceMap {
    /// Beginnings and ends of parts, as places in the text that is run and in the source, in the order of the former.
    begins: Vec<(u32, Pos)>,
    ends: Vec<(u32, Pos)>,
}

impl SourceMap {
    pub(super) fn begin(&mut self, at: u32, source: Span) {
        self.begins.push((at, source.begin()));
    }

    pub(super) fn end(&mut self, at: u32, source: Span) {
        self.ends.push((at, source.end()));
    }

    fn source(&self, span: Span) -> Span {
        let after = self
            .begins
            .partition_point(|&(at, _)| at <= span.begin().get());
        let begin = after
            .checked_sub(1)
            .map_or(Pos::new(0), |n| self.begins[n].1);
        let before = self.ends.partition_point(|&(at, _)| at < span.end().get());
        let end = self.ends.get(before).map_or(begin, |&(_, pos)| pos);
        Span::new(begin, end.max(begin))
    }

    /// An error with the places of the source, and without the frames of what is not in it.
    pub(super) fn translate(&self, error: starlark::Error, source: &CodeMap) -> starlark::Error {
        let span = error.span().map(|place| self.source(place.span));
        let frames: Vec<Frame> = error
            .call_stack()
            .frames
            .iter()
            .filter_map(|frame| {
                let place = frame
                    .location
                    .as_ref()
                    .filter(|place| place.filename() == source.filename())?;
                let is_trap = frame.name.starts_with("__") || frame.name == "partial";
                Some(Frame {
                    name: if is_trap {
                        "<builtin>".to_owned()
                    } else {
                        frame.name.clone()
                    },
                    location: Some(FileSpan {
                        file: source.clone(),
                        span: self.source(place.span),
                    }),
                })
            })
            .collect();
        let mut translated = starlark::Error::new_kind(error.into_kind());
        translated.set_call_stack(|| CallStack { frames });
        if let Some(span) = span {
            translated.set_span(span, source);
        }
        translated
    }
}
