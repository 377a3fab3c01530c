//! From the text that is run back to the text that was written.

use starlark::codemap::{CodeMap, CodeMapId, FileSpan, Pos, Span};
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
}

/// A text that is run, and the text that was written.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) run: CodeMap,
    pub(super) written: CodeMap,
    pub(super) map: SourceMap,
}

/// The texts of one run: the program, then the files that it loads from.
#[derive(Debug)]
pub(super) struct Origins(Vec<Origin>);

impl Origins {
    pub(super) fn new(program: Origin) -> Self {
        Self(vec![program])
    }

    pub(super) fn push(&mut self, file: Origin) {
        self.0.push(file);
    }

    fn written(&self, run: CodeMapId, span: Span) -> Option<FileSpan> {
        let origin = self.0.iter().find(|origin| origin.run.id() == run)?;
        Some(FileSpan {
            file: origin.written.clone(),
            span: origin.map.source(span),
        })
    }

    /// An error with the places of the sources, and without the frames of what is in none of them.
    ///
    /// An error that does not know its place is put at the last statement.
    pub(super) fn translate(
        &self,
        error: starlark::Error,
        last: (CodeMapId, Span),
    ) -> starlark::Error {
        let place = error
            .span()
            .and_then(|place| self.written(place.file.id(), place.span))
            .or_else(|| self.written(last.0, last.1));
        let frames: Vec<Frame> = error
            .call_stack()
            .frames
            .iter()
            .filter_map(|frame| {
                let place = frame.location.as_ref()?;
                let location = self.written(place.file.id(), place.span)?;
                let is_trap = frame.name.starts_with("__") || frame.name == "partial";
                Some(Frame {
                    name: if is_trap {
                        "<builtin>".to_owned()
                    } else {
                        frame.name.clone()
                    },
                    location: Some(location),
                })
            })
            .collect();
        let mut translated = starlark::Error::new_kind(error.into_kind());
        translated.set_call_stack(|| CallStack { frames });
        if let Some(place) = place {
            translated.set_span(place.span, &place.file);
        }
        translated
    }

    /// Line of the program, from 1, where an error of it arose: that of the innermost call if it arose in a file.
    pub(super) fn line(&self, error: &starlark::Error) -> Option<u32> {
        let program = self.0.first()?.written.id();
        let frames = error.call_stack().frames.iter().rev();
        let places = error
            .span()
            .into_iter()
            .chain(frames.filter_map(|frame| frame.location.as_ref()));
        let mut in_program = places.filter(|place| place.file.id() == program);
        let line = in_program.next()?.resolve_span().begin.line + 1;
        u32::try_from(line).ok()
    }
}
