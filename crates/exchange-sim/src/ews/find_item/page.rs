//! A page of what was found ([MS-OXWSSRCH] IndexedPageViewType).

use crate::ews::soap::EwsError;
use crate::item::View;
use crate::xml::Element;

/// Where a page begins, and how long it may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    offset: usize,
    most: usize,
    /// Offsets count from the end.
    from_end: bool,
}

impl Page {
    pub(super) fn read(view: &Element) -> Result<Self, EwsError> {
        let invalid = || EwsError::of("ErrorSchemaValidation");
        let offset = view.attribute("Offset").and_then(|offset| offset.parse().ok()).ok_or_else(invalid)?;
        let most = view.attribute("MaxEntriesReturned").map_or(Ok(usize::MAX), str::parse);
        let most = most.ok().filter(|most| *most > 0).ok_or_else(invalid)?;
        let from_end = match view.attribute("BasePoint") {
            Some("Beginning") => false,
            Some("End") => true,
            _ => return Err(invalid()),
        };
        Ok(Self { offset, most, from_end })
    }

    /// The page of `views`, at which offset the next one begins, and whether there is none.
    pub(super) fn cut<'a>(self, views: Vec<View<'a>>, limit: usize) -> (Vec<View<'a>>, usize, bool) {
        let total = views.len();
        let most = self.most.min(limit);
        let (from, until) = if self.from_end {
            let until = total.saturating_sub(self.offset);
            (until.saturating_sub(most), until)
        } else {
            let from = self.offset.min(total);
            (from, from.saturating_add(most).min(total))
        };
        let page: Vec<View<'a>> = views.into_iter().skip(from).take(until - from).collect();
        let next = self.offset.min(total) + page.len();
        (page, next, next >= total)
    }
}
