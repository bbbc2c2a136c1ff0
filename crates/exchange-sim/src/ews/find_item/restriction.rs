//! Which items of a folder a find is for, and in which order ([MS-OXWSSRCH] RestrictionType, SortOrder).
//!
//! The properties are those by which calendars are searched: subject, location, times, identity.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::ews::Call;
use crate::ews::calendar_item::{CLEAN_GLOBAL_OBJECT_ID, item_class};
use crate::ews::shape::Extended;
use crate::ews::soap::EwsError;
use crate::item::View;
use crate::xml::Element;

/// A value to compare with.
#[derive(Debug, PartialEq, PartialOrd)]
pub(super) enum Value {
    Text(String),
    Instant(DateTime<Utc>),
    Flag(bool),
}

/// A property that can be searched and sorted by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Property {
    Subject,
    Location,
    Uid,
    Start,
    End,
    Received,
    Modified,
    Cancelled,
    AllDay,
    Recurring,
    Class,
    /// PidLidCleanGlobalObjectId, as Base64.
    CleanGlobalObjectId,
}

/// What an item must be for it to be found.
pub(super) enum Restriction {
    All(Vec<Restriction>),
    Any(Vec<Restriction>),
    Not(Box<Restriction>),
    Exists(Property),
    Contains { property: Property, text: String, whole: bool, prefix: bool, case: bool },
    Compares { property: Property, with: Value, holds: fn(Ordering) -> bool },
}

impl Restriction {
    /// Reads `m:Restriction`'s one child.
    pub(super) fn read(call: &Call<'_>, element: &Element) -> Result<Self, EwsError> {
        let invalid = || EwsError::of("ErrorSchemaValidation");
        let all = || element.children.iter().map(|child| Self::read(call, child)).collect::<Result<_, _>>();
        let comparison = |holds| Self::comparison(call, element, holds);
        match element.name.as_str() {
            "And" => Ok(Self::All(all()?)),
            "Or" => Ok(Self::Any(all()?)),
            "Not" => {
                let inner = element.children.first().ok_or_else(invalid)?;
                Ok(Self::Not(Box::new(Self::read(call, inner)?)))
            }
            "Exists" => Property::named_in(element).map(Self::Exists),
            "Contains" => {
                let property = Property::named_in(element)?;
                let text = element.child("Constant").and_then(|value| value.attribute("Value"));
                let case = element.attribute("ContainmentComparison") == Some("Exact");
                let mode = element.attribute("ContainmentMode");
                let text = folded(text.ok_or_else(invalid)?, case);
                let (whole, prefix) = (mode == Some("FullString"), mode == Some("Prefixed"));
                Ok(Self::Contains { property, text, whole, prefix, case })
            }
            "IsEqualTo" => comparison(Ordering::is_eq),
            "IsNotEqualTo" => comparison(Ordering::is_ne),
            "IsGreaterThan" => comparison(Ordering::is_gt),
            "IsGreaterThanOrEqualTo" => comparison(Ordering::is_ge),
            "IsLessThan" => comparison(Ordering::is_lt),
            "IsLessThanOrEqualTo" => comparison(Ordering::is_le),
            _ => Err(EwsError::of("ErrorUnsupportedPathForQuery")),
        }
    }

    fn comparison(call: &Call<'_>, element: &Element, holds: fn(Ordering) -> bool) -> Result<Self, EwsError> {
        let invalid = || EwsError::of("ErrorSchemaValidation");
        let property = Property::named_in(element)?;
        let constant = element.path(&["FieldURIOrConstant", "Constant"]);
        let text = constant.and_then(|constant| constant.attribute("Value")).ok_or_else(invalid)?;
        let with = match property {
            Property::Subject
            | Property::Location
            | Property::Uid
            | Property::Class
            | Property::CleanGlobalObjectId => Value::Text(text.to_owned()),
            Property::Cancelled | Property::AllDay | Property::Recurring => {
                Value::Flag(matches!(text, "true" | "1"))
            }
            _ => Value::Instant(call.instant(text)?),
        };
        Ok(Self::Compares { property, with, holds })
    }

    /// Whether an item is one of them.
    pub(super) fn holds(&self, view: &View<'_>) -> bool {
        match self {
            Self::All(inner) => inner.iter().all(|inner| inner.holds(view)),
            Self::Any(inner) => inner.iter().any(|inner| inner.holds(view)),
            Self::Not(inner) => !inner.holds(view),
            Self::Exists(property) => property.of(view) != Value::Text(String::new()),
            Self::Contains { property, text, whole, prefix, case } => {
                let Value::Text(there) = property.of(view) else { return false };
                let there = folded(&there, *case);
                let begins = *prefix && there.starts_with(text);
                begins || (*whole && there == *text) || (!whole && !prefix && there.contains(text))
            }
            Self::Compares { property, with, holds } => {
                property.of(view).partial_cmp(with).is_some_and(holds)
            }
        }
    }
}

fn folded(text: &str, case: bool) -> String {
    if case { text.to_owned() } else { text.to_lowercase() }
}

impl Property {
    fn named_in(element: &Element) -> Result<Self, EwsError> {
        if let Some(uri) = element.child("ExtendedFieldURI") {
            return match Extended::read(uri).meeting_property() {
                Some(CLEAN_GLOBAL_OBJECT_ID) => Ok(Self::CleanGlobalObjectId),
                _ => Err(EwsError::of("ErrorUnsupportedPathForQuery")),
            };
        }
        let uri = element.child("FieldURI").and_then(|field| field.attribute("FieldURI"));
        match uri.unwrap_or_default() {
            "item:Subject" => Ok(Self::Subject),
            "item:ItemClass" => Ok(Self::Class),
            "calendar:Location" => Ok(Self::Location),
            "calendar:UID" => Ok(Self::Uid),
            "calendar:Start" => Ok(Self::Start),
            "calendar:End" => Ok(Self::End),
            "item:DateTimeReceived" | "item:DateTimeCreated" | "item:DateTimeSent" => Ok(Self::Received),
            "item:LastModifiedTime" => Ok(Self::Modified),
            "calendar:IsCancelled" => Ok(Self::Cancelled),
            "calendar:IsAllDayEvent" => Ok(Self::AllDay),
            "calendar:IsRecurring" => Ok(Self::Recurring),
            _ => Err(EwsError::of("ErrorUnsupportedPathForQuery")),
        }
    }

    fn of(self, view: &View<'_>) -> Value {
        match self {
            Self::Subject => Value::Text(view.subject().to_owned()),
            Self::Location => Value::Text(view.location().to_owned()),
            Self::Uid => Value::Text(view.item.id.uid()),
            Self::Start => Value::Instant(view.start()),
            Self::End => Value::Instant(view.end()),
            Self::Received => Value::Instant(view.item.created_at),
            Self::Modified => Value::Instant(view.item.modified_at),
            Self::Cancelled => Value::Flag(view.cancelled()),
            Self::AllDay => Value::Flag(view.item.all_day),
            Self::Class => Value::Text(item_class(view.item).to_owned()),
            Self::CleanGlobalObjectId => Value::Text(STANDARD.encode(view.item.id.clean())),
            Self::Recurring => Value::Flag(view.item.recurrence.is_some()),
        }
    }
}

/// Reads `m:SortOrder` and sorts by it.
pub(super) fn sort(order: &Element, views: &mut [View<'_>]) -> Result<(), EwsError> {
    // The first field is the most significant, so it sorts last.
    for field in order.children.iter().rev() {
        let property = Property::named_in(field)?;
        let descending = field.attribute("Order") == Some("Descending");
        views.sort_by(|one, other| {
            let order = property.of(one).partial_cmp(&property.of(other)).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        });
    }
    Ok(())
}
