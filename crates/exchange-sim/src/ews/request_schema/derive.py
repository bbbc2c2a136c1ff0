#!/usr/bin/env python3
"""Derives requests.txt from the schemas that an Exchange server offers at /EWS/messages.xsd and /EWS/types.xsd.

    ./derive.py FOLDER-OF-THE-SCHEMAS >requests.txt

One line for every type that a request of the operations below can hold: its name, its attributes (`!` for those that
must be there), and what it holds, each parted by a tab. What it holds is `text`, `bool`, `int`, `=` with the
words that a text may be, `*=` with the words that a list may be made of, or a group of elements: in order `(a,b)`,
one of them `(a|b)`, each at most once in any order `(a&b)`; with `?`, `*` or `+` behind what is optional or repeated.
An element is its name, a colon, and its type.
"""

import sys
import xml.etree.ElementTree as ET

XS = "{http://www.w3.org/2001/XMLSchema}"
OPERATIONS = """GetFolder SyncFolderItems GetItem GetUserAvailabilityRequest GetRoomLists GetRooms ResolveNames
GetServerTimeZones ConvertId CreateItem UpdateItem DeleteItem MoveItem FindItem FindFolder Subscribe GetEvents
GetStreamingEvents Unsubscribe GetPasswordExpirationDate""".split()
INTS = {f"xs:{name}" for name in """byte short int long integer unsignedByte unsignedShort unsignedInt unsignedLong
positiveInteger nonNegativeInteger""".split()}

kinds, elements, members = {}, {}, {}
for prefix, name in (("m", "messages"), ("t", "types")):
    for node in ET.parse(f"{sys.argv[1]}/{name}.xsd").getroot():
        qualified = f"{prefix}:{node.get('name')}"
        if node.tag in (XS + "complexType", XS + "simpleType"):
            kinds[qualified] = (prefix, node)
        elif node.tag == XS + "element":
            elements[qualified] = (prefix, node)
            if head := node.get("substitutionGroup"):
                members.setdefault(head if ":" in head else f"{prefix}:{head}", []).append(qualified)
        elif node.tag in (XS + "group", XS + "attributeGroup"):
            kinds["group " + qualified] = (prefix, node)

done, waiting = {}, []


def need(kind, prefix, node):
    """The name of a type, which is noted to be written."""
    if kind is None:
        kind = f"{prefix}:{len(done)}-{len(waiting)}-{node.get('name')}"
        inner = next((c for c in node if c.tag in (XS + "complexType", XS + "simpleType")), None)
        if inner is None:
            raise SystemExit(f"{node.get('name')} has no type")
        kinds[kind] = (prefix, inner)
    if kind not in done:
        done[kind] = None
        waiting.append(kind)
    return kind


def occurs(node, text):
    least, most = node.get("minOccurs", "1"), node.get("maxOccurs", "1")
    return text + {(True, False): "?", (True, True): "*", (False, True): "+"}.get((least == "0", most != "1"), "")


def element(prefix, node):
    ref = node.get("ref")
    if not ref:
        name = f"{prefix}:{node.get('name')}"
        return occurs(node, f"{name}:{need(node.get('type'), prefix, node)}")
    names = members.get(ref, [])
    home, head = elements[ref]
    own = [] if head.get("abstract") == "true" else [f"{ref}:{need(head.get('type'), home, head)}"]
    for name in names:
        home, member = elements[name]
        own.append(f"{name}:{need(member.get('type'), home, member)}")
    return occurs(node, own[0] if len(own) == 1 else f"({'|'.join(own)})")


def group(prefix, node):
    if node.tag == XS + "element":
        return element(prefix, node)
    if node.tag == XS + "any":
        raise SystemExit("a wildcard needs a word of its own")
    if node.tag == XS + "group":
        home, inner = kinds["group " + node.get("ref")]
        return occurs(node, group(home, inner[0]))
    sign = {XS + "sequence": ",", XS + "choice": "|", XS + "all": "&"}.get(node.tag)
    parts = [part for part in (group(prefix, child) for child in node) if part] if sign else []
    return occurs(node, f"({sign.join(parts)})") if parts else ""


def attributes(prefix, node):
    found = []
    for child in node:
        if child.tag == XS + "attribute" and child.get("name"):
            must = "!" if child.get("use") == "required" else ""
            found.append(f"{child.get('name')}{must}:{need(child.get('type'), prefix, child)}")
        elif child.tag == XS + "attributeGroup":
            found += attributes(*kinds["group " + child.get("ref")])
    return found


def complex_type(prefix, node):
    """Attributes, groups, and the text type of a type, with those of what it extends."""
    for child in node:
        if child.tag in (XS + "complexContent", XS + "simpleContent"):
            inner = child[0] if child[0].tag != XS + "annotation" else child[1]
            own, parts, _ = complex_type(prefix, inner)
            base = inner.get("base")
            if child.tag == XS + "simpleContent":
                attrs, _, text = describe(base)
                return attrs + own, [], text
            if inner.tag == XS + "restriction":
                return complex_type(*kinds[base])[0] + own, parts, None
            attrs, before, text = describe(base)
            return attrs + own, before + parts, text
    parts = [group(prefix, c) for c in node if c.tag in (XS + "sequence", XS + "choice", XS + "all", XS + "group")]
    return attributes(prefix, node), [part for part in parts if part], None


def simple(prefix, node):
    for child in node:
        if child.tag == XS + "restriction":
            words = [c.get("value") for c in child if c.tag == XS + "enumeration"]
            if words:
                return "=" + " ".join(words)
            return describe(child.get("base"))[2] if child.get("base") else simple(prefix, child[0])
        if child.tag == XS + "list":
            inner = describe(child.get("itemType"))[2] if child.get("itemType") else simple(prefix, child[0])
            return "*" + inner if inner.startswith("=") else "text"
        if child.tag == XS + "union":
            return "text"
    return "text"


def describe(kind):
    if kind.startswith("xs:"):
        text = "bool" if kind == "xs:boolean" else "int" if kind in INTS else "text"
        return [], [], text
    prefix, node = kinds[kind]
    if node.tag == XS + "simpleType":
        return [], [], simple(prefix, node)
    return complex_type(prefix, node)


print("# Derived by derive.py from messages.xsd and types.xsd of the schema V2018_01_08, as Exchange servers offer them.")
roots = []
for operation in OPERATIONS:
    prefix, node = elements[f"m:{operation}"]
    roots.append(f"m:{operation}:{need(node.get('type'), prefix, node)}")
lines = []
while waiting:
    kind = waiting.pop(0)
    attrs, parts, text = describe(kind)
    content = text or (parts[0] if len(parts) == 1 else f"({','.join(parts)})")
    lines.append(f"{kind}\t{' '.join(attrs)}\t{content}")
print(f"request\t\t({'|'.join(roots)})")
print("\n".join(lines))
