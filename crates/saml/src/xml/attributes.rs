//! The attributes of one start tag, once it was read: prefixes are resolved, the order is canonical, none is there
//! twice.

use std::cmp::Ordering;

use vestibule_refusal::Excerpt;

use super::error::XmlProblem;
use super::scope::Scope;
use super::tree::{AttributeNode, Document, NONE, Value};

/// Finishes the attributes of `document` from `first` on. True when they stood in canonical order.
pub(super) fn settle<'x>(
    document: &mut Document<'x>,
    scope: &Scope<'x>,
    first: usize,
) -> Result<bool, XmlProblem> {
    if document.attributes.len() == first {
        return Ok(true);
    }
    let Document { attributes, namespaces, unescaped, .. } = document;
    let own = attributes.get_mut(first..).unwrap_or_default();
    // An attribute without a prefix is in no namespace, whatever the default is (Namespaces 6.2).
    for attribute in own.iter_mut().filter(|attribute| attribute.local != 0) {
        let prefix = attribute.name.get(..attribute.local as usize - 1).unwrap_or_default();
        let found = scope.resolve(prefix)?;
        attribute.prefix = found.prefix;
        attribute.namespace = found.namespace;
    }
    let order = |left: &AttributeNode<'_>, right: &AttributeNode<'_>| {
        by_expanded_name(left, right, namespaces, unescaped)
    };
    if is_ascending(own, order) {
        return Ok(true);
    }
    own.sort_unstable_by(order);
    let twice = own.windows(2).find_map(|pair| match pair {
        [left, right] if order(left, right) == Ordering::Equal => Some(right),
        _ => None,
    });
    match twice {
        Some(attribute) => Err(XmlProblem::DuplicateAttribute(Excerpt::of(attribute.name))),
        None => Ok(false),
    }
}

fn is_ascending<'x>(
    own: &[AttributeNode<'x>],
    order: impl Fn(&AttributeNode<'x>, &AttributeNode<'x>) -> Ordering,
) -> bool {
    own.windows(2).all(|pair| matches!(pair, [left, right] if order(left, right) == Ordering::Less))
}

/// Canonical XML 2.2: by namespace name, those without one first, then by local name; both by code points, which is
/// the order of their UTF-8 as well.
fn by_expanded_name(
    left: &AttributeNode<'_>,
    right: &AttributeNode<'_>,
    namespaces: &[Value<'_>],
    unescaped: &str,
) -> Ordering {
    if left.namespace == right.namespace {
        return left.local_name().cmp(right.local_name());
    }
    namespace_name(left, namespaces, unescaped)
        .cmp(namespace_name(right, namespaces, unescaped))
        .then_with(|| left.local_name().cmp(right.local_name()))
}

fn namespace_name<'d>(of: &AttributeNode<'_>, namespaces: &'d [Value<'_>], unescaped: &'d str) -> &'d str {
    let value = namespaces.get(of.namespace as usize).filter(|_| of.namespace != NONE);
    value.map_or("", |value| value.of(unescaped))
}
