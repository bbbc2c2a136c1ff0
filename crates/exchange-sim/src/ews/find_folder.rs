//! FindFolder ([MS-OXWSFOLD] 3.1.4.5): the folders below a folder.

use super::Call;
use super::get_folder;
use super::id::Folder;
use super::shape::Shape;
use super::soap::{EwsError, Messages};

impl Folder {
    /// The folder it lies in; the root of the store lies in none.
    pub(super) fn parent(self) -> Option<Self> {
        match self {
            Self::Store => None,
            Self::Root => Some(Self::Store),
            Self::Calendar | Self::DeletedItems | Self::Inbox | Self::SentItems => Some(Self::Root),
        }
    }

    /// The folders that lie in it.
    pub(super) fn children(self) -> &'static [Self] {
        match self {
            Self::Store => &[Self::Root],
            Self::Root => &[Self::Calendar, Self::DeletedItems, Self::Inbox, Self::SentItems],
            Self::Calendar | Self::DeletedItems | Self::Inbox | Self::SentItems => &[],
        }
    }

    fn below(self) -> Vec<Self> {
        let children = self.children().iter();
        children.flat_map(|child| std::iter::once(*child).chain(child.below())).collect()
    }
}

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let shape = Shape::read(call.body.child("FolderShape"))?;
    let parents = call.body.child("ParentFolderIds").ok_or_else(invalid)?;
    let deep = match call.body.attribute("Traversal").ok_or_else(invalid)? {
        "Deep" => true,
        "Shallow" => false,
        _ => return Err(invalid()),
    };
    let mut messages = Messages::new("FindFolder");
    for parent in &parents.children {
        match call.folder(parent) {
            Err(error) => messages.error(&error, |_| {}),
            Ok((room, parent)) => messages.success(|xml| {
                let found = if deep { parent.below() } else { parent.children().to_vec() };
                let total = found.len().to_string();
                let counts = [("TotalItemsInView", total.as_str()), ("IncludesLastItemInRange", "true")];
                xml.element("m:RootFolder", &counts, |xml| {
                    xml.within("t:Folders", |xml| {
                        for folder in found {
                            get_folder::write(call, &shape, room, folder, xml);
                        }
                    });
                });
            }),
        }
    }
    Ok(messages.finish())
}
