//! How much of an input is read before it is refused.

/// Upper bounds of one document. Everything is checked while reading, so that no more than this is ever allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of the input in bytes.
    pub bytes: usize,
    /// Elements inside each other; the root is at depth 1.
    pub depth: usize,
    /// Elements and pieces of text in the whole document.
    pub nodes: usize,
    /// Attributes and namespace declarations in the whole document.
    pub attributes: usize,
    /// Attributes and namespace declarations of one element.
    pub attributes_per_element: usize,
    /// Namespace declarations that are open at any place, those of shadowed prefixes included.
    pub namespaces: usize,
    /// Length of one prefix in bytes. Prefixes are compared again and again, and exclusive canonicalisation writes a
    /// declaration wherever its prefix is used.
    pub prefix: usize,
    /// Length of one namespace name in bytes. Exclusive canonicalisation writes a declaration again wherever it is used,
    /// so this bounds how much longer than the input the canonical form can become.
    pub namespace_name: usize,
}

impl Limits {
    /// For protocol messages, and for what was decrypted from them.
    pub const MESSAGE: Self = Self {
        bytes: 512 * 1024,
        depth: 64,
        nodes: 20_000,
        attributes: 20_000,
        attributes_per_element: 256,
        namespaces: 64,
        prefix: 128,
        namespace_name: 256,
    };

    /// For metadata, where one document may describe a federation.
    pub const METADATA: Self =
        Self { bytes: 16 * 1024 * 1024, nodes: 1_000_000, attributes: 1_000_000, ..Self::MESSAGE };
}
