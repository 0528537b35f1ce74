"""Random documents, heavy on namespaces, in all the spellings that XML has for one and the same tree."""

import dataclasses

PREFIXES = ("", "", "a", "b", "c", "ns0", "ds", "xs", "long-prefix.1", "é")
# Without &: libxml2 writes it unescaped in a namespace declaration, against Canonical XML 2.3.
NAMESPACES = (
    "urn:a", "urn:b", "urn:a:b", "http://example.org/x", "http://example.org/x/", "HTTP://EXAMPLE.ORG/x",
    "http://example.org/?p=1", "http://www.w3.org/2001/XMLSchema", "http://www.w3.org/2000/09/xmldsig#",
    "urn:it's", "urn:oasis:names:tc:SAML:2.0:assertion",
)
LOCALS = ("a", "b", "c", "Value", "x-1", "_y", "item.2", "Größe", "z", "名前", "A", "xsi")
ATTRIBUTES = ("a", "b", "name", "Name", "x", "y", "z-1", "_", "ä", "lang", "ns0", "Id")
TEXTS = (
    "text", " ", "  \n\t ", "&amp;", "&lt;", "&gt;", ">", "&quot;", '"', "&apos;", "'", "&#13;", "&#xD;", "&#10;", "&#xA;", "&#9;",
    "&#32;", "\r\n", "\r", "\n", "\t", "é", "ß", "世界", "👋", "&#x1F600;", "&#128075;", "\u00a0", "\u2028", "\u0085", "]]", "&#x41;", "x=1;",
    "{}", "%20", "\u200d", "\ud7ff", "\ue000", "\ufffd", "&#x10FFFF;", "A" * 50,
)
LANGUAGES = ("en", "de-DE", "", "x-a")
SPACES = (" ", " ", " ", "  ", "\n", "\t", "\r\n  ")


@dataclasses.dataclass
class Node:
    """An element; attribute values and texts are as they are written, between double quotes and between tags."""

    name: str
    declarations: dict
    attributes: list
    content: list
    # Every declaration and every xml: attribute in force here.
    scope: dict
    inherited: dict


class Writer:
    """Makes trees and writes them, both at random."""

    def __init__(self, random):
        self.random = random

    def document(self):
        """A tree and its elements with an ID."""
        self.left = self.random.choice((3, 8, 20, 40, 80))
        self.deepest = self.random.choice((3, 6, 12, 40))
        self.with_id = {}
        return self.element({}, {}, 1)

    def element(self, scope, inherited, depth):
        random = self.random
        self.left -= 1
        declarations = {}
        for _ in range(random.choice((0, 0, 0, 1, 1, 2, 3)) if depth < 15 else 0):
            prefix = random.choice(PREFIXES)
            # Only the default namespace can be taken back.
            namespace = "" if not prefix and random.random() < 0.4 else random.choice(NAMESPACES)
            declarations[prefix] = namespace
        scope = {**scope, **declarations}
        bound = [prefix for prefix in scope if prefix]
        prefix = random.choice(bound) if bound and random.random() < 0.6 else ""
        name = (prefix + ":" if prefix else "") + random.choice(LOCALS)
        attributes, inherited = self.attributes(scope, bound, dict(inherited))
        node = Node(name, declarations, attributes, [], scope, inherited)
        if random.random() < 0.4:
            value = f"_{len(self.with_id)}"
            attributes.append(("ID", value))
            self.with_id[value] = node
        random.shuffle(attributes)
        self.fill(node, depth)
        return node

    def attributes(self, scope, bound, inherited):
        random = self.random
        found, expanded = [], set()
        for _ in range(random.choice((0, 0, 1, 2, 4, 7))):
            prefix = random.choice(bound) if bound and random.random() < 0.5 else ""
            local = random.choice(ATTRIBUTES)
            key = (scope[prefix] if prefix else "", local)
            if key in expanded:
                continue
            expanded.add(key)
            found.append(((prefix + ":" if prefix else "") + local, self.value()))
        for name, values in (("xml:lang", LANGUAGES), ("xml:space", ("preserve", "default")), ("xml:base", ("http://example.org/", "x"))):
            if random.random() < 0.06:
                inherited[name] = random.choice(values)
                found.append((name, inherited[name]))
        return found, inherited

    def fill(self, node, depth):
        random = self.random
        for _ in range(random.choice((0, 1, 2, 3, 5))):
            if self.left > 0 and depth < self.deepest and random.random() < 0.7:
                node.content.append(self.element(node.scope, node.inherited, depth + 1))
            else:
                node.content.append(self.text())

    def text(self):
        random = self.random
        pieces = 400 if random.random() < 0.01 else random.choice((1, 1, 2, 4))
        text = "".join(random.choice(TEXTS) for _ in range(pieces)).replace("]]>", "]]&gt;")
        # ]] may be the end of the text before.
        return "&gt;" + text[1:] if text.startswith(">") else text

    def value(self):
        return "".join(self.random.choice(TEXTS) for _ in range(self.random.choice((0, 1, 1, 2, 4)))).replace('"', "&quot;")

    def write(self, node):
        """The text of a document with this root."""
        random = self.random
        out = []
        if random.random() < 0.3:
            out.append(random.choice(('<?xml version="1.0"?>', "<?xml version='1.0' encoding='UTF-8'?>\n", '<?xml version="1.0" encoding="utf-8" standalone="yes" ?>\r\n')))
        self.write_element(node, node.declarations, node.attributes, out)
        if random.random() < 0.1:
            out.append(random.choice(("\n", " \r\n")))
        return "".join(out)

    def write_element(self, node, declarations, attributes, out):
        random = self.random
        parts = [(f"xmlns:{prefix}" if prefix else "xmlns", namespace) for prefix, namespace in declarations.items()]
        parts += attributes
        if random.random() < 0.5:
            random.shuffle(parts)
        out.append("<" + node.name)
        for name, value in parts:
            out.append(random.choice(SPACES) + name + random.choice(("=", "=", "=", " = ", "=\n")))
            if random.random() < 0.3:
                out.append("'" + value.replace("'", "&#39;") + "'")
            else:
                out.append('"' + value + '"')
        end = random.choice(("", "", "", " ", "\n"))
        if not node.content and random.random() < 0.5:
            out.append(end + "/>")
            return
        out.append(end + ">")
        for item in node.content:
            if isinstance(item, str):
                out.append(item)
            else:
                self.write_element(item, item.declarations, item.attributes, out)
        out.append(f"</{node.name}{end}>")

    def write_alone(self, node, with_xml_attributes):
        """The subtree as a document of its own: what was in force around it is declared on it."""
        declarations = {prefix: namespace for prefix, namespace in node.scope.items() if namespace}
        attributes = list(node.attributes)
        if with_xml_attributes:
            own = {name for name, _ in attributes}
            attributes += [(name, value) for name, value in node.inherited.items() if name not in own]
        out = []
        self.write_element(node, declarations, attributes, out)
        return "".join(out)


def prefix_list(random, node):
    """A PrefixList: bound prefixes, unbound ones, #default, in any number."""
    if random.random() < 0.4:
        return ""
    candidates = [prefix or "#default" for prefix in node.scope] + ["#default", "a", "b", "unbound", "xs"]
    chosen = random.sample(sorted(set(candidates)), k=min(len(set(candidates)), random.choice((1, 2, 4))))
    return " ".join(chosen)
