//! The types of Elasticsearch's fields, and which of them are compared with each other.

use alloc::borrow::Cow;

/// The type of a field, by Elasticsearch's name for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// `keyword`
    Keyword,
    /// `wildcard`, which queries cannot tell from `keyword`
    Wildcard,
    /// `constant_keyword`
    ConstantKeyword,
    /// `text` and `match_only_text`, cut into words
    Text,
    /// `byte`
    Byte,
    /// `short`
    Short,
    /// `integer`
    Integer,
    /// `long`
    Long,
    /// `unsigned_long`
    UnsignedLong,
    /// `half_float`, 16 bits
    HalfFloat,
    /// `float`, 32 bits
    Float,
    /// `double`
    Double,
    /// `scaled_float`
    ScaledFloat,
    /// `boolean`
    Boolean,
    /// `date`, in milliseconds
    Date,
    /// `date_nanos`
    DateNanos,
    /// `ip`
    Ip,
    /// `version`
    Version,
    /// What EQL cannot search, by its name: `nested`, `object`, `geo_point`, `long_range` ...
    Unsupported(Cow<'static, str>),
}

/// Types whose values are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Text, compared exactly.
    Text,
    /// Numbers of every size.
    Number,
    /// `true` and `false`.
    Boolean,
    /// Points of time.
    Date,
    /// Addresses, v4 and v6.
    Ip,
    /// Semantic versions.
    Version,
}

/// Every name that a mapping can give, apart from the unsupported ones.
const NAMES: &[(&str, FieldKind)] = &[
    ("keyword", FieldKind::Keyword),
    ("wildcard", FieldKind::Wildcard),
    ("constant_keyword", FieldKind::ConstantKeyword),
    ("text", FieldKind::Text),
    ("match_only_text", FieldKind::Text),
    ("byte", FieldKind::Byte),
    ("short", FieldKind::Short),
    ("integer", FieldKind::Integer),
    ("long", FieldKind::Long),
    ("unsigned_long", FieldKind::UnsignedLong),
    ("half_float", FieldKind::HalfFloat),
    ("float", FieldKind::Float),
    ("double", FieldKind::Double),
    ("scaled_float", FieldKind::ScaledFloat),
    ("boolean", FieldKind::Boolean),
    ("date", FieldKind::Date),
    ("date_nanos", FieldKind::DateNanos),
    ("ip", FieldKind::Ip),
    ("version", FieldKind::Version),
];

impl FieldKind {
    /// The type of this name; [`FieldKind::Unsupported`] where EQL cannot search it.
    pub fn from_name(name: &str) -> Self {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map_or_else(|| FieldKind::Unsupported(Cow::Owned(name.into())), |(_, kind)| kind.clone())
    }

    /// Elasticsearch's name.
    pub fn name(&self) -> &str {
        match self {
            FieldKind::Unsupported(name) => name,
            kind => NAMES.iter().find(|(_, known)| known == kind).map_or("", |(name, _)| name),
        }
    }

    /// Numbers that are not whole.
    pub(crate) fn is_fractional(&self) -> bool {
        matches!(self, FieldKind::HalfFloat | FieldKind::Float | FieldKind::Double | FieldKind::ScaledFloat)
    }

    /// With which types it is compared; `None` where it cannot be searched.
    pub fn family(&self) -> Option<Family> {
        Some(match self {
            FieldKind::Keyword | FieldKind::Wildcard | FieldKind::ConstantKeyword | FieldKind::Text => Family::Text,
            FieldKind::Byte | FieldKind::Short | FieldKind::Integer | FieldKind::Long | FieldKind::UnsignedLong => {
                Family::Number
            }
            FieldKind::HalfFloat | FieldKind::Float | FieldKind::Double | FieldKind::ScaledFloat => Family::Number,
            FieldKind::Boolean => Family::Boolean,
            FieldKind::Date | FieldKind::DateNanos => Family::Date,
            FieldKind::Ip => Family::Ip,
            FieldKind::Version => Family::Version,
            FieldKind::Unsupported(_) => return None,
        })
    }

    /// Whether it holds text whole.
    pub fn is_exact_text(&self) -> bool {
        matches!(self, FieldKind::Keyword | FieldKind::Wildcard | FieldKind::ConstantKeyword)
    }

    /// Whether two indices that map a field so can be searched together.
    /// Elasticsearch reports one type per family of keywords, and refuses any other difference.
    pub(super) fn merges_with(&self, other: &FieldKind) -> bool {
        self == other || (self.is_exact_text() && other.is_exact_text())
    }
}

impl Family {
    /// The word that a message uses.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Text => "text",
            Family::Number => "a number",
            Family::Boolean => "a boolean",
            Family::Date => "a date",
            Family::Ip => "an ip address",
            Family::Version => "a version",
        }
    }
}
