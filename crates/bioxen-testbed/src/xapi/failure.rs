//! Failures as XAPI tells them: a code and parameters.

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) params: Vec<String>,
}

impl Failure {
    pub(crate) fn new<P: Into<String>>(code: &str, params: impl IntoIterator<Item = P>) -> Self {
        Self {
            code: code.to_owned(),
            params: params.into_iter().map(Into::into).collect(),
        }
    }

    /// A code without parameters.
    pub(crate) fn plain(code: &str) -> Self {
        Self::new(code, [] as [&str; 0])
    }

    pub(crate) fn internal(text: impl Into<String>) -> Self {
        Self::new("INTERNAL_ERROR", [text.into()])
    }

    /// There is no object of that reference.
    pub(crate) fn handle(class: &str, reference: &str) -> Self {
        Self::new("HANDLE_INVALID", [class, reference])
    }

    pub(crate) fn session(reference: &str) -> Self {
        Self::new("SESSION_INVALID", [reference])
    }

    pub(crate) fn value(field: &str, value: impl ToString) -> Self {
        Self::new("INVALID_VALUE", [field.to_owned(), value.to_string()])
    }

    pub(crate) fn not_allowed(why: &str) -> Self {
        Self::new("OPERATION_NOT_ALLOWED", [why])
    }
}
