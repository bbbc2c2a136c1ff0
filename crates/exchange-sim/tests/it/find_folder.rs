//! The folders of a room's mailbox, found from above.

use crate::client::{BERLIN, ask, ids, morning, texts, world};

pub(crate) fn below(parent: &str, traversal: &str) -> String {
    format!(
        "<m:FindFolder Traversal=\"{traversal}\"><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape>\
         </m:FolderShape><m:ParentFolderIds><t:DistinguishedFolderId Id=\"{parent}\"><t:Mailbox>\
         <t:EmailAddress>{BERLIN}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId></m:ParentFolderIds>\
         </m:FindFolder>"
    )
}

#[test]
fn folders_are_found_below_folders() {
    let mut world = world();
    let table = [
        ("root", "Shallow", &["Top of Information Store"][..]),
        ("msgfolderroot", "Shallow", &["Calendar", "Deleted Items", "Inbox", "Sent Items"]),
        ("root", "Deep", &["Top of Information Store", "Calendar", "Deleted Items", "Inbox", "Sent Items"]),
        ("calendar", "Deep", &[]),
    ];
    for (parent, traversal, names) in table {
        let found = ask(&mut world, morning(), &below(parent, traversal));
        assert_eq!(texts(&found, "t:DisplayName"), names, "{parent} {traversal}");
    }
}

#[test]
fn a_folder_names_the_one_it_lies_in() {
    let mut world = world();
    let found = ask(&mut world, morning(), &below("root", "Deep"));
    let (folders, parents) = (ids(&found, "t:FolderId"), ids(&found, "t:ParentFolderId"));
    assert_eq!(parents[1..], vec![folders[0].clone(); 4]);
    assert!(!folders.contains(&parents[0]), "the root of the store is not below itself");
}
