//! Versions of resources and what is asked of them (RFC 7644 section 3.14).
//!
//! The tags are weak, as that section has them, and `If-Match` compares them as `If-None-Match` does: a client that
//! names the version which it has read wants that version.

use std::fmt;

use crate::refusal::{Excerpt, ScimRefusal};

/// The version of a resource. Prints as a weak entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

/// A list of entity tags, as `If-Match` and `If-None-Match` have it (RFC 9110 section 13.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any version.
    Any,
    /// One of these.
    These(Vec<String>),
}

impl Tags {
    /// Reads a header.
    ///
    /// # Errors
    ///
    /// When it is no list of tags.
    pub fn parse(header: &'static str, text: &str) -> Result<Self, ScimRefusal> {
        if text.trim_ascii() == "*" {
            return Ok(Self::Any);
        }
        let tags: Option<Vec<_>> = text.split(',').map(tag).collect();
        tags.map(Self::These).ok_or_else(|| ScimRefusal::NotTags { header, found: Excerpt::of(text) })
    }

    /// Whether a version is among them.
    #[must_use]
    pub fn name(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|tag| *tag == version.0.to_string()),
        }
    }

    /// Whether what is there is what the client has read, as `If-Match` asks.
    ///
    /// # Errors
    ///
    /// When it is another version.
    pub fn require(&self, current: Version) -> Result<(), ScimRefusal> {
        if self.name(current) {
            return Ok(());
        }
        let Self::These(tags) = self else { return Ok(()) };
        let wanted =
            Excerpt::of(&tags.iter().map(|tag| format!("W/\"{tag}\"")).collect::<Vec<_>>().join(", "));
        Err(ScimRefusal::Version { current: current.to_string(), wanted })
    }
}

/// What stands between the quotation marks. Our tags have no commas in them, and other people's are none of ours.
fn tag(text: &str) -> Option<String> {
    let text = text.trim_ascii();
    let text = text.strip_prefix("W/").unwrap_or(text);
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"')).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_weakly() {
        let read = |text| Tags::parse("If-Match", text);
        assert_eq!(Version(7).to_string(), "W/\"7\"");
        for text in ["W/\"7\"", "\"7\"", " W/\"6\" , W/\"7\"", "*"] {
            assert_eq!(read(text).unwrap().require(Version(7)), Ok(()), "{text}");
        }
        let refused = read("W/\"6\"").unwrap().require(Version(7)).unwrap_err();
        assert_eq!(refused.status(), 412);
        assert_eq!(refused.to_string(), "the resource has version W/\"7\", expected W/\"6\": read it again");
        assert!(!read("\"07\"").unwrap().name(Version(7)));
        for text in ["", "7", "W/7", "\"a\"b\"", "\"7\",", "\""] {
            assert!(matches!(read(text), Err(ScimRefusal::NotTags { .. })), "{text}");
        }
    }
}
