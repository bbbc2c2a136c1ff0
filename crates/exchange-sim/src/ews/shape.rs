//! Which properties a request asks for ([MS-OXWSCDATA] ItemResponseShapeType, FolderResponseShapeType).

use std::collections::BTreeSet;

use super::soap::EwsError;
use crate::xml::{Element, Xml};

/// The base shapes, each holding the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Base {
    IdOnly,
    Default,
    AllProperties,
    /// Only when asked for by name.
    Never,
}

/// A property by tag, or by property set and number.
#[derive(Debug, Clone)]
pub(super) struct Extended(Vec<(String, String)>);

impl Extended {
    /// Reads an `ExtendedFieldURI`.
    pub(super) fn read(property: &Element) -> Self {
        Self(property.all_attributes().to_vec())
    }

    fn attribute(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The number of a property in the set Meeting, PSETID_Meeting ([MS-OXPROPS] 1.3.2).
    pub(super) fn meeting_property(&self) -> Option<u32> {
        let guid = self.attribute("PropertySetId");
        let meeting = self.attribute("DistinguishedPropertySetId") == "Meeting"
            || guid.eq_ignore_ascii_case("6ED8DA90-450B-101B-98DA-00AA003F1305");
        meeting.then(|| self.attribute("PropertyId").parse().ok()).flatten()
    }

    /// The property's tag, without its type.
    pub(super) fn tag(&self) -> Option<u32> {
        let tag = self.attribute("PropertyTag");
        let hex = tag.strip_prefix("0x").or_else(|| tag.strip_prefix("0X"));
        hex.map_or_else(|| tag.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
    }

    pub(super) fn write(&self, value: &str, xml: &mut Xml) {
        let attributes: Vec<(&str, &str)> =
            self.0.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        xml.within("t:ExtendedProperty", |xml| {
            xml.empty("t:ExtendedFieldURI", &attributes);
            xml.leaf("t:Value", value);
        });
    }
}

/// A response shape.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    base: Base,
    fields: BTreeSet<String>,
    pub(super) extended: Vec<Extended>,
    /// Bodies are wanted as HTML.
    pub(super) html: bool,
    /// The body of `NormalizedBody` is wanted as text.
    pub(super) plain_normalized_body: bool,
}

impl Shape {
    /// Reads an `ItemShape` or a `FolderShape`.
    pub(super) fn read(shape: Option<&Element>) -> Result<Self, EwsError> {
        let invalid = || EwsError::of("ErrorSchemaValidation");
        let shape = shape.ok_or_else(invalid)?;
        let base = match shape.text_of("BaseShape").ok_or_else(invalid)? {
            "IdOnly" => Base::IdOnly,
            "Default" => Base::Default,
            "AllProperties" => Base::AllProperties,
            _ => return Err(invalid()),
        };
        let html = shape.text_of("BodyType") != Some("Text");
        let plain_normalized_body = shape.text_of("NormalizedBodyType") == Some("Text");
        let mut read =
            Self { base, fields: BTreeSet::new(), extended: Vec::new(), html, plain_normalized_body };
        let properties = shape.child("AdditionalProperties").map_or(&[][..], |all| &all.children);
        for property in properties {
            match property.name.as_str() {
                "FieldURI" => {
                    let uri = property.attribute("FieldURI").filter(|uri| uri.contains(':'));
                    read.fields.insert(uri.ok_or_else(invalid)?.to_owned());
                }
                "ExtendedFieldURI" => read.extended.push(Extended::read(property)),
                "IndexedFieldURI" => {}
                _ => return Err(invalid()),
            }
        }
        Ok(read)
    }

    pub(super) fn wants(&self, uri: &str, base: Base) -> bool {
        self.base >= base || self.fields.contains(uri)
    }

    /// The properties that it names.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(String::as_str)
    }

    pub(super) fn names(&self, uri: &str) -> bool {
        self.fields.contains(uri)
    }
}
