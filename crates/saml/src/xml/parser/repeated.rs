//! A start tag that stands there once more, octet by octet, beside the last one: the values of a list of groups have them
//! by the dozen. What it means was found out for the first one, and depends on nothing but its octets and what its parent
//! declares.

use super::{Open, Parser};
use crate::xml::error::XmlProblem;
use crate::xml::tree::{Document, NodeKind, Run};

/// The last start tag that was read.
#[derive(Clone, Copy)]
pub(super) struct LastTag {
    pub(super) index: u32,
    pub(super) at: Run,
    /// It ends its element as well.
    pub(super) is_empty: bool,
}

impl Parser<'_, '_> {
    /// Reads a start tag that is a sibling's once more. False, with nothing read, when it is another one or when a limit is
    /// near: the usual way tells where exactly.
    pub(super) fn repeated_tag(&mut self) -> Result<bool, XmlProblem> {
        let (Some(last), Some(parent)) = (self.last_tag, self.open.last()) else { return Ok(false) };
        let Some(node) = self.document.nodes.get(last.index as usize) else { return Ok(false) };
        // The root is its own parent in the tree.
        if node.parent != parent.index || last.index == parent.index {
            return Ok(false);
        }
        let octets = self.text.as_bytes();
        let tag = octets.get(last.at.start as usize..last.at.end as usize).unwrap_or_default();
        if !octets.get(self.at..).is_some_and(|rest| rest.starts_with(tag)) {
            return Ok(false);
        }
        let Document { attributes, declarations, nodes, .. } = &self.document;
        let more = node.attributes.len() + node.declarations.len();
        if attributes.len() + declarations.len() + more > self.limits.attributes
            || nodes.len() >= self.limits.nodes
        {
            return Ok(false);
        }
        let (value, local, prefix, namespace) = (node.value, node.local, node.prefix, node.namespace);
        let (attributes, declarations) = (node.attributes.range(), node.declarations.range());
        let is_canonical = !node.source.is_empty();
        let scope = self.scope.len();
        let at = Run { start: self.at as u32, end: (self.at + tag.len()) as u32 };
        let index = self.push_node(value, NodeKind::Element, local as usize)?;
        self.scope.reopen(&self.document, declarations.clone());
        self.document.attributes.extend_from_within(attributes);
        self.document.declarations.extend_from_within(declarations);
        let name = self.document.element_name(index);
        let Document { attributes, declarations, nodes, .. } = &mut self.document;
        if let Some(node) = nodes.get_mut(index as usize) {
            (node.prefix, node.namespace) = (prefix, namespace);
            node.attributes.end = attributes.len() as u32;
            node.declarations.end = declarations.len() as u32;
            node.source = if is_canonical { at } else { Run::default() };
        }
        if last.is_empty {
            self.scope.close(scope);
        } else {
            self.open.push(Open { index, name, scope });
        }
        self.last_tag = Some(LastTag { index, at, ..last });
        self.at = at.end as usize;
        Ok(true)
    }
}
