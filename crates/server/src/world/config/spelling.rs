//! What somebody meant who wrote a name that there is not.

/// Which of `known` is so near that it was probably meant: no more than a third of its letters are others.
#[must_use]
pub(crate) fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.into_iter().map(|candidate| (distance(candidate, name), candidate)).min()?;
    (near.0 <= near.1.len().div_ceil(3)).then_some(near.1)
}

/// How many letters have to be changed, put in or left out (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, a) in one.bytes().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            let above = *cell;
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The parser's words on a key that there is not, with the one that was probably meant instead of all that there are.
#[must_use]
pub(super) fn unknown_key(said: &str) -> Option<String> {
    let (name, known) = said.strip_prefix("unknown field `")?.split_once("`, expected ")?;
    // Names stand between backquotes, so every second part is one.
    let near = meant(name, known.split('`').skip(1).step_by(2))?;
    Some(format!("unknown key `{name}`: did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant_when_it_is_near() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(meant("listne", ["limits", "listen", "log"]), Some("listen"));
        assert_eq!(meant("sso", ["limits", "listen", "log"]), None);
        assert_eq!(meant("listen", []), None);
    }

    #[test]
    fn a_key_that_is_near_none_keeps_the_list() {
        let said = "unknown field `urll`, expected one of `url`, `ca_file`";
        assert_eq!(unknown_key(said).unwrap(), "unknown key `urll`: did you mean `url`?");
        assert_eq!(
            unknown_key("unknown field `lisen`, expected `listen`").unwrap(),
            "unknown key `lisen`: did you mean `listen`?"
        );
        assert_eq!(unknown_key("unknown field `password`, expected one of `url`, `ca_file`"), None);
        assert_eq!(unknown_key("invalid type: integer `1`, expected a string"), None);
    }
}
