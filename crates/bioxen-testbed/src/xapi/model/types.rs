//! The types of the data model.

/// A type of the data model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Int,
    Float,
    Bool,
    Date,
    Void,
    Ref,
    Record(String),
    Enum(String),
    Set(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// A type of one message only, such as the batch of events.
    Other,
}

impl Type {
    /// Reads a type such as `(string -> VM ref set) map`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_suffix(" set") {
            return Some(Self::Set(Box::new(Self::parse(inner)?)));
        }
        if let Some(inner) = text.strip_suffix(" option") {
            return Self::parse(inner).map(|_| Self::Other);
        }
        if let Some(inner) = text.strip_prefix('(') {
            let (key, value) = inner.strip_suffix(") map")?.split_once(" -> ")?;
            return Some(Self::Map(
                Box::new(Self::parse(key)?),
                Box::new(Self::parse(value)?),
            ));
        }
        if text.strip_suffix(" ref").is_some() {
            return Some(Self::Ref);
        }
        if let Some(class) = text.strip_suffix(" record") {
            return Some(Self::Record(class.to_owned()));
        }
        if let Some(name) = text.strip_prefix("enum ") {
            return Some(Self::Enum(name.to_owned()));
        }
        match text {
            "string" => Some(Self::Text),
            "int" => Some(Self::Int),
            "float" => Some(Self::Float),
            "bool" => Some(Self::Bool),
            "datetime" => Some(Self::Date),
            "void" => Some(Self::Void),
            "event batch" => Some(Self::Other),
            _ => None,
        }
    }

    /// The word for the type in the server's complaints.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Text | Self::Ref | Self::Enum(_) | Self::Void | Self::Other => "string",
            Self::Int => "int64",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Date => "datetime",
            Self::Record(_) | Self::Map(..) => "dictionary",
            Self::Set(_) => "array",
        }
    }
}
